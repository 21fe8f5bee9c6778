// SPDX-License-Identifier: GPL-2.0
/*
 * Gets memory in functions that keep it, and in others that do not; what each function is called
 * matters to holders.py.
 *	holders [WORD]...
 * It does what the words say, then what the lines of its standard input say. After each it prints
 * the size of its address space, in bytes.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEEP __attribute__((noinline, noclone))
#define SIZE (1UL << 20)
#define PAIRS 40

static char *kept[PAIRS];

static void check(int failed)
{
	if (failed)
		_exit(2);
}

static char *map(size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

KEEP static void good(void)
{
	char *memory = map(SIZE);

	check(memory == MAP_FAILED || munmap(memory, SIZE));
}

KEEP static void leaky(int i)
{
	kept[i] = map(SIZE);
	check(kept[i] == MAP_FAILED);
}

static void pairs(void)
{
	int i;

	for (i = 0; i < PAIRS; i++) {
		good();
		leaky(i);
	}
}

/* Every second page goes, so that each of the mappings falls apart. */
KEEP static void holes(void)
{
	const size_t page = sysconf(_SC_PAGESIZE);
	size_t at;
	int i;

	for (i = 0; i < 4; i++)
		for (at = 0; at < SIZE; at += 2 * page)
			check(munmap(kept[i] + at, page));
}

KEEP static void grows(void)
{
	kept[PAIRS - 1] = mremap(kept[PAIRS - 1], SIZE, 3 * SIZE, MREMAP_MAYMOVE);
	check(kept[PAIRS - 1] == MAP_FAILED);
}

KEEP static void replaces(void)
{
	check(mmap(kept[PAIRS - 2], SIZE / 2, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		   -1, 0) == MAP_FAILED);
}

KEEP static void heap_up(void)
{
	check(sbrk(3 * SIZE) == (void *)-1);
}

KEEP static void heap_down(void)
{
	check(sbrk(-2 * (long)SIZE) == (void *)-1);
}

KEEP static void of_child(void)
{
	check(map(5 * SIZE) == MAP_FAILED);
}

/* The child unmaps its copy, and gets memory of its own. */
static void child(void)
{
	pid_t pid = fork();
	int i;

	check(pid < 0);
	if (pid) {
		check(waitpid(pid, NULL, 0) != pid);
		return;
	}
	for (i = 0; i < PAIRS / 2; i++)
		check(munmap(kept[i], SIZE));
	of_child();
	_exit(0);
}

static void again(void)
{
	execl("/proc/self/exe", "holders", "pairs", NULL);
	_exit(2);
}

/* Nothing here may get memory. */
static void print_size(void)
{
	char text[256];
	int fd = open("/proc/self/statm", O_RDONLY);
	int n = read(fd, text, sizeof(text) - 1);

	check(n <= 0 || close(fd));
	text[n] = '\0';
	n = snprintf(text, sizeof(text), "%lu\n", atol(text) * sysconf(_SC_PAGESIZE));
	check(write(STDOUT_FILENO, text, n) != n);
}

static void obey(const char *word)
{
	static const struct {
		const char *word;
		void (*function)(void);
	} words[] = {
		{ "pairs", pairs },	 { "holes", holes }, { "grow", grows },
		{ "replace", replaces }, { "up", heap_up },  { "down", heap_down },
		{ "child", child },	 { "again", again },
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(word, words[i].word))
			words[i].function();
	print_size();
}

/* One byte at a time, because stdio would get memory for its buffer. */
static int read_word(char word[16])
{
	int i = 0;

	while (i < 15 && read(STDIN_FILENO, &word[i], 1) == 1 && word[i] != '\n')
		i++;
	word[i] = '\0';
	return i;
}

int main(int argc, char **argv)
{
	char word[16];
	int i;

	print_size();
	for (i = 1; i < argc; i++)
		obey(argv[i]);
	while (read_word(word))
		obey(word);
	return 0;
}
