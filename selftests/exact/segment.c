// SPDX-License-Identifier: GPL-2.0
/* Puts a System V segment over anonymous memory; no call reports the size of the segment. */
#define _GNU_SOURCE
#include <stddef.h>
#include <sys/mman.h>
#include <sys/shm.h>

#define PAGE 4096

int main(void)
{
	int id = shmget(IPC_PRIVATE, 5 * PAGE, IPC_CREAT | 0600);
	void *segment = shmat(id, NULL, 0);
	char *under = mmap(NULL, 32 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (shmctl(id, IPC_RMID, NULL) || under == MAP_FAILED)
		return 1;
	if (mremap(segment, 5 * PAGE, 5 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, under) != under)
		return 1;
	return shmat(id, under + 16 * PAGE, SHM_REMAP) != under + 16 * PAGE;
}
