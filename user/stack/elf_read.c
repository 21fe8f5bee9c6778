// SPDX-License-Identifier: GPL-2.0
/* Reading out of an ELF file who asks for memory in its code. */
#include <errno.h>
#include <gelf.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <dwarf.h>
#include <elfutils/libdw.h>

#include "lib/array.h"
#include "stack/elf_facts.h"

/*
 * Anybody may have made the file, so read no more of it into memory than this: so many tables, each
 * of so many bytes, with so many bytes of names, and no tables for exceptions of a larger file.
 */
#define TABLES_MAX 4
#define TABLE_MAX (32ULL << 20)
#define NAME_BYTES_MAX (128ULL << 20)
#define FILE_MAX (64ULL << 20)
/* So many rows of the tables for exceptions; those of a C library's functions are about 60. */
#define ROWS_MAX 4096
/* So many places before they are put in order. */
#define UNORDERED_MAX 65536
#define PLACES_MIN 16
/* A capture has no room for more; no file has so many unless a stranger made it. */
#define PLACES_MAX 2000
/* The linker leaves fewer bytes than this between functions. */
#define GAP 16
/* DWARF gives the stack pointer this number. */
#define REGISTER_SP 7

/**
 * struct reading - a file in hand
 * @elf: the file
 * @size: its bytes
 * @cfi: its tables for exceptions, NULL without any, or before somebody wants them
 * @sought: somebody has wanted them
 * @rows: how many rows of these were read
 * @tables: how many other tables were read
 * @facts: what it says
 */
struct reading {
	Elf *elf;
	uint64_t size;
	Dwarf_CFI *cfi;
	bool sought;
	int rows;
	int tables;
	struct elf_facts *facts;
};

static void copy_name(char to[ELF_NAME_MAX], const char *from)
{
	size_t len = from ? strnlen(from, ELF_NAME_MAX - 1) : 0;

	memcpy(to, from ?: "", len);
	to[len] = '\0';
}

/* Returns whether a part of the file lies at an address of its own tables. */
static bool find_offset(Elf *elf, uint64_t addr, uint64_t *offset)
{
	GElf_Phdr phdr;
	size_t n, i;

	if (elf_getphdrnum(elf, &n))
		return false;
	for (i = 0; i < n && gelf_getphdr(elf, i, &phdr); i++) {
		if (phdr.p_type != PT_LOAD || addr < phdr.p_vaddr ||
		    addr - phdr.p_vaddr >= phdr.p_filesz)
			continue;
		*offset = addr - phdr.p_vaddr + phdr.p_offset;
		return true;
	}
	return false;
}

static int add_place(struct reading *in, enum elf_part part, uint64_t addr, uint64_t end,
		     uint32_t frame)
{
	struct elf_facts *facts = in->facts;
	struct elf_place *v;
	uint64_t offset;

	if (facts->n == UNORDERED_MAX || !find_offset(in->elf, addr, &offset) ||
	    offset + (end - addr) <= offset)
		return 0;
	v = array_room(facts->places, facts->n, &facts->cap, sizeof(*v), PLACES_MIN);
	if (!v)
		return -ENOMEM;
	facts->places = v;
	v[facts->n++] = (struct elf_place){ offset, offset + (end - addr), part, frame };
	return 0;
}

/*
 * Up to where a row of the tables reaches, and how many bytes of the stack belong to the function
 * there; 0 bytes if the row does not count from the stack pointer.
 */
static uint64_t read_row(struct reading *in, uint64_t addr, uint32_t *frame)
{
	Dwarf_Frame *row = NULL;
	Dwarf_Addr start = addr, end = addr;
	bool signal;
	Dwarf_Op *ops;
	size_t n;

	*frame = 0;
	if (!in->cfi || in->rows == ROWS_MAX)
		return UINT64_MAX;
	in->rows++;
	if (dwarf_cfi_addrframe(in->cfi, addr, &row))
		return UINT64_MAX;
	dwarf_frame_info(row, &start, &end, &signal);
	if (!dwarf_frame_cfa(row, &ops, &n) && n == 1 && ops->atom == DW_OP_bregx &&
	    ops->number == REGISTER_SP)
		*frame = ops->number2;
	free(row);
	return end > addr ? end : UINT64_MAX;
}

static int add_call(struct reading *in, uint64_t addr, uint64_t end)
{
	int err = 0;

	if (!in->sought && in->size <= FILE_MAX)
		in->cfi = dwarf_getcfi_elf(in->elf);
	in->sought = true;
	while (addr < end && !err) {
		uint32_t frame;
		uint64_t next = read_row(in, addr, &frame);

		next = next < end ? next : end;
		err = add_place(in, ELF_PART_CALL, addr, next, frame);
		addr = next;
	}
	return err;
}

static bool is_function(const GElf_Sym *symbol)
{
	return GELF_ST_TYPE(symbol->st_info) == STT_FUNC && symbol->st_shndx != SHN_UNDEF &&
	       symbol->st_size && symbol->st_value + symbol->st_size > symbol->st_value;
}

static int take_symbol(struct reading *in, const char *name, const GElf_Sym *symbol)
{
	uint64_t end = symbol->st_value + symbol->st_size;
	enum elf_part part;

	if (!strcmp(name, "__libc_start_main"))
		in->facts->libc = true;
	if (!strcmp(name, "gnu_get_libc_version") || !strcmp(name, "_int_malloc"))
		in->facts->glibc = true;
	if (!strncmp(name, "_ZN2v8", strlen("_ZN2v8")))
		in->facts->v8 = true;
	part = elf_part_of(name);
	if (part == ELF_PART_CALL)
		return add_call(in, symbol->st_value, end);
	return part < ELF_PARTS ? add_place(in, part, symbol->st_value, end, 0) : 0;
}

static int take_symbols(struct reading *in, Elf_Data *data, size_t names)
{
	GElf_Sym symbol;
	int i, err = 0;

	for (i = 0; data && gelf_getsym(data, i, &symbol) && !err; i++) {
		const char *name =
			is_function(&symbol) ? elf_strptr(in->elf, names, symbol.st_name) : NULL;

		if (name)
			err = take_symbol(in, name, &symbol);
	}
	return err;
}

static void take_dynamic(struct reading *in, Elf_Data *data, size_t names)
{
	GElf_Dyn entry;
	int i;

	for (i = 0; data && gelf_getdyn(data, i, &entry) && entry.d_tag != DT_NULL; i++) {
		if (entry.d_tag == DT_SONAME)
			copy_name(in->facts->soname, elf_strptr(in->elf, names, entry.d_un.d_val));
		else if (entry.d_tag == DT_FLAGS_1 && entry.d_un.d_val & DF_1_PIE)
			in->facts->program = true;
	}
}

static bool is_readable(struct reading *in, const GElf_Shdr *table)
{
	Elf_Scn *section = elf_getscn(in->elf, table->sh_link);
	GElf_Shdr names;

	return in->tables++ < TABLES_MAX && table->sh_size <= TABLE_MAX && section &&
	       gelf_getshdr(section, &names) && names.sh_size <= NAME_BYTES_MAX;
}

static int take_table(struct reading *in, Elf_Scn *section, const GElf_Shdr *header)
{
	switch (header->sh_type) {
	case SHT_DYNAMIC:
		if (is_readable(in, header))
			take_dynamic(in, elf_getdata(section, NULL), header->sh_link);
		return 0;
	case SHT_SYMTAB:
	case SHT_DYNSYM:
		return is_readable(in, header) ?
			       take_symbols(in, elf_getdata(section, NULL), header->sh_link) :
			       0;
	default:
		return 0;
	}
}

static bool is_of_go(const char *section)
{
	return section &&
	       (!strcmp(section, ".go.buildinfo") || !strcmp(section, ".note.go.buildid"));
}

static int take_sections(struct reading *in)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	size_t names;
	int err = 0;

	if (elf_getshdrstrndx(in->elf, &names))
		return 0;
	while (!err && (section = elf_nextscn(in->elf, section))) {
		if (!gelf_getshdr(section, &header))
			continue;
		if (is_of_go(elf_strptr(in->elf, names, header.sh_name)))
			in->facts->go = true;
		err = take_table(in, section, &header);
	}
	return err;
}

/* The path ends with a zero, as the kernel demands. */
static void take_interpreter(struct reading *in, const GElf_Phdr *phdr)
{
	Elf_Data *data =
		phdr->p_filesz > PATH_MAX ?
			NULL :
			elf_getdata_rawchunk(in->elf, phdr->p_offset, phdr->p_filesz, ELF_T_BYTE);
	const char *path = data ? data->d_buf : NULL;
	const char *slash;

	if (!path || !data->d_size || path[data->d_size - 1])
		return;
	slash = strrchr(path, '/');
	copy_name(in->facts->interpreter, slash ? slash + 1 : path);
}

/* The C library of glibc has a loader as well, so that users can run it; but it has a name. */
static void take_headers(struct reading *in)
{
	GElf_Ehdr file;
	GElf_Phdr phdr;
	size_t n, i;

	if (gelf_getehdr(in->elf, &file) && file.e_type == ET_EXEC)
		in->facts->program = true;
	if (elf_getphdrnum(in->elf, &n))
		return;
	for (i = 0; i < n && gelf_getphdr(in->elf, i, &phdr); i++)
		if (phdr.p_type == PT_INTERP)
			take_interpreter(in, &phdr);
	if (in->facts->interpreter[0] && !in->facts->soname[0])
		in->facts->program = true;
}

static int compare_places(const void *a, const void *b)
{
	const struct elf_place *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return (x->part > y->part) - (x->part < y->part);
}

/*
 * Does a place distinguish who asks in this file? Other files have functions of the same names. A
 * library that puts itself in the place of mmap asks for somebody else, too.
 */
static bool is_wanted(const struct elf_facts *facts, const struct elf_place *place)
{
	switch (place->part) {
	case ELF_PART_CALL:
		return !facts->go;
	case ELF_PART_GLIBC:
		return facts->libc && facts->glibc;
	case ELF_PART_MUSL:
		return facts->libc && !facts->glibc;
	case ELF_PART_GO_SYSCALL:
		return facts->go;
	default:
		return true;
	}
}

/* The functions of an allocator lie side by side. */
static bool goes_on(const struct elf_place *a, const struct elf_place *b)
{
	return a->part == b->part && a->part != ELF_PART_CALL && b->start - a->end < GAP;
}

/* A function has several names, and two tables may have it. */
static void put_in_order(struct elf_facts *facts)
{
	struct elf_place *v = facts->places;
	size_t i, n = 0;

	qsort(v, facts->n, sizeof(*v), compare_places);
	for (i = 0; i < facts->n; i++) {
		if (!is_wanted(facts, &v[i]) || (n && v[i].start < v[n - 1].end))
			continue;
		if (n && goes_on(&v[n - 1], &v[i]))
			v[n - 1].end = v[i].end;
		else if (n < PLACES_MAX)
			v[n++] = v[i];
	}
	facts->n = n;
}

/* Do not map the file, because whoever cuts it short meanwhile would end the tool by a signal. */
int elf_facts_read(struct elf_facts *facts, int fd)
{
	struct reading in = { .facts = facts };
	struct stat found;
	int err = 0;

	memset(facts, 0, sizeof(*facts));
	if (fstat(fd, &found))
		return 0;
	in.size = found.st_size;
	elf_version(EV_CURRENT);
	in.elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!in.elf || elf_kind(in.elf) != ELF_K_ELF) {
		elf_end(in.elf);
		return 0;
	}
	facts->read = true;
	err = take_sections(&in);
	take_headers(&in);
	if (in.cfi)
		dwarf_cfi_end(in.cfi);
	elf_end(in.elf);
	if (facts->n)
		put_in_order(facts);
	if (err)
		elf_facts_free(facts);
	return err;
}
