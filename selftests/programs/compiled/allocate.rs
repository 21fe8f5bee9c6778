// SPDX-License-Identifier: GPL-2.0
//! Allocates small and large, in threads that stay, and prints where, as allocate.c does.

use std::io::Read;
use std::sync::mpsc;
use std::thread;

fn leak(size: usize) -> usize {
    Box::leak(vec![1u8; size].into_boxed_slice()).as_ptr() as usize
}

fn main() {
    let (sender, places) = mpsc::channel();

    sender.send((leak(100), "block")).unwrap();
    sender.send((leak(40 << 20), "large block")).unwrap();
    for _ in 0..3 {
        let sender = sender.clone();
        thread::spawn(move || {
            let here = 0u8;
            for _ in 0..2000 {
                leak(100);
            }
            sender.send((leak(100), "thread block")).unwrap();
            sender.send((&here as *const u8 as usize, "thread stack")).unwrap();
            loop {
                thread::park();
            }
        });
    }
    let said: Vec<String> = places
        .iter()
        .take(2 + 3 * 2)
        .map(|(at, what)| format!("[\"{:#x}\", \"{}\"]", at, what))
        .collect();
    println!("{{\"allocator\": 0, \"places\": [{}]}}", said.join(", "));
    std::io::stdin().bytes().next();
}
