// SPDX-License-Identifier: GPL-2.0
/* The functions that distinguish who asks for memory, by their names. */
#include <stdbool.h>
#include <string.h>

#include "stack/elf_facts.h"

/* To a name the compiler appends what it made of the function (".cold"), the linker a version. */
struct function_name {
	const char *name;
	enum elf_part part;
};

static const struct function_name whole_names[] = {
	{ "mmap", ELF_PART_CALL },
	{ "mmap64", ELF_PART_CALL },
	{ "__mmap", ELF_PART_CALL },
	{ "__mmap64", ELF_PART_CALL },
	{ "munmap", ELF_PART_CALL },
	{ "__munmap", ELF_PART_CALL },
	{ "mremap", ELF_PART_CALL },
	{ "__mremap", ELF_PART_CALL },
	{ "mprotect", ELF_PART_CALL },
	{ "__mprotect", ELF_PART_CALL },
	{ "pkey_mprotect", ELF_PART_CALL },
	{ "madvise", ELF_PART_CALL },
	{ "__madvise", ELF_PART_CALL },
	{ "posix_madvise", ELF_PART_CALL },
	{ "brk", ELF_PART_CALL },
	{ "__brk", ELF_PART_CALL },
	{ "sbrk", ELF_PART_CALL },
	{ "__sbrk", ELF_PART_CALL },
	{ "shmat", ELF_PART_CALL },
	{ "shmdt", ELF_PART_CALL },
	{ "syscall", ELF_PART_CALL },
	{ "_dl_sysinfo_int80", ELF_PART_CALL },
	{ "_int_malloc", ELF_PART_GLIBC },
	{ "_int_realloc", ELF_PART_GLIBC },
	{ "_int_memalign", ELF_PART_GLIBC },
	{ "_int_free", ELF_PART_GLIBC },
	{ "sysmalloc", ELF_PART_GLIBC },
	{ "sysmalloc_mmap", ELF_PART_GLIBC },
	{ "sysmalloc_mmap_fallback", ELF_PART_GLIBC },
	{ "systrim", ELF_PART_GLIBC },
	{ "new_heap", ELF_PART_GLIBC },
	{ "alloc_new_heap", ELF_PART_GLIBC },
	{ "grow_heap", ELF_PART_GLIBC },
	{ "shrink_heap", ELF_PART_GLIBC },
	{ "heap_trim", ELF_PART_GLIBC },
	{ "arena_get2", ELF_PART_GLIBC },
	{ "mremap_chunk", ELF_PART_GLIBC },
	{ "munmap_chunk", ELF_PART_GLIBC },
	{ "ptmalloc_init", ELF_PART_GLIBC },
	{ "__glibc_morecore", ELF_PART_GLIBC },
	{ "__default_morecore", ELF_PART_GLIBC },
	{ "__libc_realloc", ELF_PART_GLIBC },
	{ "__libc_memalign", ELF_PART_GLIBC },
	{ "allocate_stack", ELF_PART_GLIBC },
	{ "__pthread_create_2_1", ELF_PART_GLIBC },
	{ "__spawni", ELF_PART_GLIBC },
	{ "__spawnix", ELF_PART_GLIBC },
	{ "__expand_heap", ELF_PART_MUSL },
	{ "__simple_malloc", ELF_PART_MUSL },
	{ "__malloc_alloc_meta", ELF_PART_MUSL },
	{ "alloc_group", ELF_PART_MUSL },
	{ "alloc_slot", ELF_PART_MUSL },
	{ "__libc_malloc_impl", ELF_PART_MUSL },
	{ "__pthread_create", ELF_PART_MUSL },
	{ "os_pages_map", ELF_PART_JEMALLOC },
	{ "os_pages_commit", ELF_PART_JEMALLOC },
	{ "unix_mmap", ELF_PART_MIMALLOC },
	{ "unix_mmap_prim", ELF_PART_MIMALLOC },
};

static const struct function_name beginnings[] = {
	{ "je_", ELF_PART_JEMALLOC },
	{ "_rjem_", ELF_PART_JEMALLOC },
	{ "_mi_", ELF_PART_MIMALLOC },
	{ "mi_os_", ELF_PART_MIMALLOC },
	{ "mi_unix_", ELF_PART_MIMALLOC },
	{ "_ZN8tcmalloc", ELF_PART_TCMALLOC },
	{ "_ZN16MmapSysAllocator", ELF_PART_TCMALLOC },
	{ "_ZN16SbrkSysAllocator", ELF_PART_TCMALLOC },
	{ "_Z20TCMalloc_SystemAlloc", ELF_PART_TCMALLOC },
	{ "syscall.", ELF_PART_GO_SYSCALL },
	{ "runtime/internal/syscall.", ELF_PART_GO_SYSCALL },
	{ "internal/runtime/syscall.", ELF_PART_GO_SYSCALL },
	{ "golang.org/x/sys/unix.", ELF_PART_GO_SYSCALL },
};

static bool is_whole(const char *name, const char *whole)
{
	size_t len = strlen(whole);

	return *name == *whole && !strncmp(name, whole, len) &&
	       (!name[len] || name[len] == '.' || name[len] == '@');
}

enum elf_part elf_part_of(const char *name)
{
	size_t i;

	/* These come first, because Go has a package of the name of a function. */
	for (i = 0; i < sizeof(beginnings) / sizeof(*beginnings); i++)
		if (*name == *beginnings[i].name &&
		    !strncmp(name, beginnings[i].name, strlen(beginnings[i].name)))
			return beginnings[i].part;
	for (i = 0; i < sizeof(whole_names) / sizeof(*whole_names); i++)
		if (is_whole(name, whole_names[i].name))
			return whole_names[i].part;
	return ELF_PARTS;
}
