// SPDX-License-Identifier: GPL-2.0
/* How to go on from a place in a file's code to the caller, by the file's tables. */
#include <stdlib.h>
#include <gelf.h>
#include <elfutils/libdwfl.h>

#include "stack/rules.h"

/* Such code is shorter, because it only finds its arguments and makes a call or two. */
#define ENTRY_BYTES 128

bool rules_are_known(Dwfl_Module *module, uint64_t addr)
{
	Dwarf_Frame *rules = NULL;
	Dwarf_Addr bias;
	Dwarf_CFI *cfi = dwfl_module_eh_cfi(module, &bias);

	if (!cfi || dwarf_cfi_addrframe(cfi, addr - bias, &rules)) {
		cfi = dwfl_module_dwarf_cfi(module, &bias);
		if (!cfi || dwarf_cfi_addrframe(cfi, addr - bias, &rules))
			return false;
	}
	free(rules);
	return true;
}

static bool needs_others(Elf *elf, const GElf_Phdr *dynamic)
{
	Elf_Data *data = elf_getdata_rawchunk(elf, dynamic->p_offset, dynamic->p_filesz, ELF_T_DYN);
	GElf_Dyn entry;
	int i;

	for (i = 0; data && gelf_getdyn(data, i, &entry) && entry.d_tag != DT_NULL; i++)
		if (entry.d_tag == DT_NEEDED)
			return true;
	return false;
}

/* Linkers gave libraries an entry point too, but no program ever begins there. */
static bool is_begun_at(Elf *elf)
{
	GElf_Phdr header;
	bool alone = true;
	size_t n, i;

	if (elf_getphdrnum(elf, &n))
		return false;
	for (i = 0; i < n && gelf_getphdr(elf, i, &header); i++) {
		if (header.p_type == PT_INTERP)
			return true;
		if (header.p_type == PT_DYNAMIC)
			alone = !needs_others(elf, &header);
	}
	return alone;
}

/* Is the address in a function that has a name and does not begin at the entry point? */
static bool is_elsewhere(Dwfl_Module *module, uint64_t addr, uint64_t entry)
{
	GElf_Sym symbol;
	GElf_Off offset;

	return dwfl_module_addrinfo(module, addr, &offset, &symbol, NULL, NULL, NULL) &&
	       offset < symbol.st_size && addr - offset != entry;
}

bool rules_are_needless(Dwfl_Module *module, uint64_t addr)
{
	GElf_Addr bias;
	Elf *elf = dwfl_module_getelf(module, &bias);
	GElf_Ehdr header;
	uint64_t at;

	if (!elf || !gelf_getehdr(elf, &header) || !header.e_entry || !is_begun_at(elf))
		return false;
	at = header.e_entry + bias;
	if (addr < at || addr - at >= ENTRY_BYTES || is_elsewhere(module, addr, at))
		return false;
	while (at < addr && !rules_are_known(module, at))
		at++;
	return at == addr;
}
