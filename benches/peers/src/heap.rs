//! Counts what one replay allocates: `heap SDK FILE SHAPE COUNT`, made by the main program.
//!
//! A process of its own, because counting slows every allocation down.

use std::alloc::System;
use std::borrow::Cow;

use peakmem_alloc::{PeakMemAlloc, PeakMemAllocTrait};
use peers::{Heap, Replay, Task};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: PeakMemAlloc<&StatsAlloc<System>> = PeakMemAlloc::new(&INSTRUMENTED_SYSTEM);

fn main() {
    let task = Task::from_args(std::env::args().skip(1));
    let payload: &'static [u8] = Vec::leak(task.payload());
    let replay = Replay::new(task.sdk, task.workload);
    replay.run(Cow::Borrowed(payload));

    let before = INSTRUMENTED_SYSTEM.stats();
    replay.run(Cow::Borrowed(payload));
    let made = INSTRUMENTED_SYSTEM.stats() - before;

    ALLOCATOR.reset_peak_memory();
    replay.run(Cow::Owned(payload.to_vec()));
    let peak = ALLOCATOR.get_peak_memory();

    let heap =
        Heap { allocations: made.allocations, bytes: made.bytes_allocated, peak, payload: payload.len() };
    heap.print();
}
