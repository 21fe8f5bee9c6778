/* SPDX-License-Identifier: GPL-2.0 */
/* What an ELF file says about who asks for memory in its code. */
#ifndef BRKWATCH_ELF_FACTS_H
#define BRKWATCH_ELF_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for a name that a file gives; a longer one is cut off. */
#define ELF_NAME_MAX 64

/**
 * enum elf_part - functions that distinguish who asks
 * @ELF_PART_CALL: a system-call function of a C library: its caller asks
 * @ELF_PART_GLIBC: malloc, pthread_create or posix_spawn of glibc, in a program that contains it
 * @ELF_PART_MUSL: the same of musl
 * @ELF_PART_JEMALLOC: jemalloc
 * @ELF_PART_TCMALLOC: tcmalloc
 * @ELF_PART_MIMALLOC: mimalloc
 * @ELF_PART_GO_SYSCALL: Go's packages for system calls: the program asks, not Go's runtime
 * @ELF_PARTS: how many there are
 */
enum elf_part {
	ELF_PART_CALL,
	ELF_PART_GLIBC,
	ELF_PART_MUSL,
	ELF_PART_JEMALLOC,
	ELF_PART_TCMALLOC,
	ELF_PART_MIMALLOC,
	ELF_PART_GO_SYSCALL,
	ELF_PARTS,
};

/**
 * struct elf_place - code of such a function
 * @start: its first byte in the file
 * @end: first byte behind it
 * @part: enum elf_part
 * @frame: ELF_PART_CALL: bytes on the stack from the stack pointer to behind the return address, 0
 *	if the file's tables do not say it
 */
struct elf_place {
	uint64_t start;
	uint64_t end;
	uint32_t part;
	uint32_t frame;
};

/**
 * struct elf_facts - what a file says
 * @read: the file could be read; all else is zero if not
 * @program: it is a program, not a library
 * @libc: it contains a C library
 * @glibc: that C library is glibc
 * @go: Go's linker made it
 * @v8: it contains V8
 * @soname: its name as a library, empty without one
 * @interpreter: file name of the loader that the program asks for, without directories, empty
 *	without one
 * @places: code, by rising address, none of which overlaps
 * @n: how many
 * @cap: room in @places
 *
 * It has no address of the process, so that it holds wherever the file is mapped.
 */
struct elf_facts {
	bool read;
	bool program;
	bool libc;
	bool glibc;
	bool go;
	bool v8;
	char soname[ELF_NAME_MAX];
	char interpreter[ELF_NAME_MAX];
	struct elf_place *places;
	size_t n;
	size_t cap;
};

/**
 * elf_facts_read() - read them out of a file
 * @facts: filled; all zero if the file is none of ELF
 * @fd: the file, open for reading
 *
 * Return: 0 or -ENOMEM.
 */
int elf_facts_read(struct elf_facts *facts, int fd);

/**
 * elf_facts_place() - find code
 * @facts: of the file
 * @offset: a byte in the file
 *
 * Return: the place, or NULL if it is none that distinguishes who asks.
 */
const struct elf_place *elf_facts_place(const struct elf_facts *facts, uint64_t offset);

/**
 * elf_facts_pack() - put them into one block of memory, as a capture stores it
 * @facts: the facts
 * @len: set to the bytes of the block
 *
 * Return: the block, which the caller must free, or NULL without memory.
 */
void *elf_facts_pack(const struct elf_facts *facts, size_t *len);

/**
 * elf_facts_unpack() - the reverse
 * @facts: filled
 * @block: the block, which may hold anything
 * @len: its bytes
 *
 * Return: 0, -EBADMSG if no facts are in it, or -ENOMEM.
 */
int elf_facts_unpack(struct elf_facts *facts, const void *block, size_t len);

/**
 * elf_part_of() - which part a function belongs to
 * @name: its name in a table of symbols
 *
 * Return: enum elf_part, or ELF_PARTS for any other function.
 */
enum elf_part elf_part_of(const char *name);

/**
 * elf_facts_free() - release their memory
 * @facts: the facts
 */
void elf_facts_free(struct elf_facts *facts);

#endif
