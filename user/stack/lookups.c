// SPDX-License-Identifier: GPL-2.0
/*
 * Which further files libdwfl may open. A mapped file can name any file as the one with its debug
 * information (.gnu_debuglink, .gnu_debugaltlink), such as one whose server never answers. So files
 * are looked up only in a folder of the system: by build ID, or by a name without folders.
 */
#include <stdlib.h>
#include <elfutils/libdwelf.h>

#include "stack/lookups.h"

static char *folder = "/usr/lib/debug";

/* Without the file's path libdwfl looks neither beside the file nor at what its links lead to. */
static int find_debuginfo(Dwfl_Module *module, void **user, const char *name, Dwarf_Addr base,
			  const char *path, const char *link, GElf_Word crc, char **found)
{
	(void)path;
	return dwfl_standard_find_debuginfo(module, user, name, base, NULL, link, crc, found);
}

struct Dwfl *lookups_begin(void)
{
	static const Dwfl_Callbacks callbacks = {
		.find_elf = dwfl_linux_proc_find_elf,
		.find_debuginfo = find_debuginfo,
		.section_address = dwfl_offline_section_address,
		.debuginfo_path = &folder,
	};

	/* With servers in this variable libdwfl would ask them for what it does not find here. */
	unsetenv("DEBUGINFOD_URLS");
	return dwfl_begin(&callbacks);
}

/* libdw itself opens whatever .gnu_debugaltlink names when it looks for a text there. */
bool lookups_end(Dwfl_Module *module)
{
	Dwarf_Addr bias;
	Dwarf *dwarf = dwfl_module_getdwarf(module, &bias);
	const void *id;
	const char *name;

	return !dwarf || dwarf_getelf(dwarf) != dwfl_module_getelf(module, &bias) ||
	       dwelf_dwarf_gnu_debugaltlink(dwarf, &name, &id) <= 0;
}
