// SPDX-License-Identifier: GPL-2.0
// Fills arrays and a buffer, and prints what V8 says of its heap.
const kept = [];

for (let i = 0; i < 20000; i++)
	kept.push({ i, text: "x".repeat(i % 50) + i });
kept.push(Buffer.alloc(4 << 20, 1));
console.log(JSON.stringify({ allocator: process.memoryUsage().heapTotal, places: [] }));
// Otherwise node frees the heap before it ends.
process.exit();
