//! The processor time of a process and its descendants, from `/proc`.

use std::time::Duration;

/// What `/proc/PID/stat` says.
pub struct ProcessStat {
    parent: u32,
    /// Clock ticks of the process itself.
    own: u64,
    /// Clock ticks of its children that ended and were waited for, with those of their descendants.
    reaped: u64,
}

impl ProcessStat {
    /// Reads it, unless the process has ended.
    pub fn read(id: u32) -> Option<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // The name of the program, in parentheses, may contain spaces.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks = |index: usize| fields.get(index)?.parse::<u64>().ok();
        Some(Self {
            parent: fields.get(1)?.parse().ok()?,
            own: ticks(11)? + ticks(12)?,
            reaped: ticks(13)? + ticks(14)?,
        })
    }

    /// The time of the process itself.
    pub fn own(&self) -> Duration {
        seconds(self.own)
    }
}

/// The time of a process and all its descendants, including those that have ended.
pub fn tree_time(root: u32) -> Duration {
    let processes: Vec<(u32, ProcessStat)> =
        process_ids().filter_map(|id| Some((id, ProcessStat::read(id)?))).collect();
    let mut tree = vec![root];
    let mut ticks = 0;
    while let Some(id) = tree.pop() {
        for (child, stat) in &processes {
            if stat.parent == id {
                tree.push(*child);
            }
            if *child == id {
                ticks += stat.own + stat.reaped;
            }
        }
    }
    seconds(ticks)
}

fn process_ids() -> impl Iterator<Item = u32> {
    let entries = std::fs::read_dir("/proc").expect("Linux has /proc");
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

fn seconds(ticks: u64) -> Duration {
    Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}
