// SPDX-License-Identifier: GPL-2.0

// Allocates small and large, on several threads, and prints where, and what Go's runtime says of
// its memory, as allocate.c does.
package main

import (
	"encoding/json"
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"sync"
	"syscall"
	"unsafe"
)

const threads = 3

// No size that the runtime asks for.
const own = 3<<20 + 5*4096

type report struct {
	Allocator uint64      `json:"allocator"`
	Places    [][2]string `json:"places"`
}

var kept [][]byte

func get(size int) string {
	block := make([]byte, size)
	for i := 0; i < size; i += 4096 {
		block[i] = 1
	}
	kept = append(kept, block)
	return at(block)
}

func at(block []byte) string {
	return "0x" + strconv.FormatUint(uint64(uintptr(unsafe.Pointer(&block[0]))), 16)
}

// As programs do that keep large caches away from the garbage collector.
func mapItself() string {
	block, err := syscall.Mmap(-1, 0, own, syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		os.Exit(1)
	}
	return at(block)
}

func main() {
	var said report
	var lock sync.Mutex
	var done, all sync.WaitGroup

	done.Add(threads)
	all.Add(threads)
	for i := 0; i < threads; i++ {
		go func() {
			// Each has a thread of its own, and no two are under way in one.
			runtime.LockOSThread()
			done.Done()
			done.Wait()
			lock.Lock()
			for j := 0; j < 2000; j++ {
				get(100)
			}
			said.Places = append(said.Places, [2]string{get(1 << 20), "thread block"})
			lock.Unlock()
			all.Done()
		}()
	}
	all.Wait()
	said.Places = append(said.Places, [2]string{get(100), "block"}, [2]string{get(40 << 20), "large block"},
		[2]string{mapItself(), "own mapping"})
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	metrics.Read(sample)
	said.Allocator = sample[0].Value.Uint64()
	if json.NewEncoder(os.Stdout).Encode(said) != nil {
		os.Exit(1)
	}
	os.Stdin.Read(make([]byte, 1))
	runtime.KeepAlive(kept)
}
