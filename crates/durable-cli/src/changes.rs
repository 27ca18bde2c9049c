//! Reports that something changed in folders that are watched.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;
use tokio::time::sleep;

use crate::display::print_line;

/// The interval between checks where changes are not reported.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// Changes in folders, reported by the operating system. Where it does not report them, time passes instead.
///
/// Notify's own fallback, `PollWatcher`, compares times in whole seconds, so it would miss changes that stamps show.
pub(crate) struct Changes {
    watcher: Option<RecommendedWatcher>,
    changed: Arc<Notify>,
}

impl Changes {
    pub(crate) fn new() -> Self {
        let changed = Arc::new(Notify::new());
        let reported = Arc::clone(&changed);
        let watcher = notify::recommended_watcher(move |event| {
            if is_change(&event) {
                reported.notify_one();
            }
        });
        match watcher {
            Ok(watcher) => Self { watcher: Some(watcher), changed },
            Err(error) => {
                let mut polled = Self { watcher: None, changed };
                polled.poll(&reason(&error));
                polled
            }
        }
    }

    /// Returns whether the operating system reports changes, so that folders have to be watched.
    pub(crate) fn are_reported(&self) -> bool {
        self.watcher.is_some()
    }

    /// Watches these folders, apart from the folders in them. A folder that has been replaced is watched again.
    pub(crate) fn watch(&mut self, folders: &BTreeSet<PathBuf>) {
        let Some(watcher) = &mut self.watcher else { return };
        if let Some(folder) = folders.iter().find(|folder| is_remote(folder)) {
            let problem = format!("{} is on a network or shared file system", folder.display());
            return self.poll(&problem);
        }
        let mut paths = watcher.paths_mut();
        let added =
            folders.iter().try_for_each(|folder| match paths.add(folder, RecursiveMode::NonRecursive) {
                // It has just been removed; its parent reports that.
                Err(error) if is_missing(&error) => Ok(()),
                added => added,
            });
        if let Err(error) = added.and_then(|()| paths.commit()) {
            self.poll(&reason(&error));
        }
    }

    /// Waits until something may have changed since the last call.
    pub(crate) async fn next(&self) {
        match &self.watcher {
            Some(_) => self.changed.notified().await,
            None => sleep(POLL_INTERVAL).await,
        }
    }

    fn poll(&mut self, problem: &str) {
        self.watcher = None;
        print_line(&format!(
            "warning: cannot watch files: {problem}; checking them every {} ms instead",
            POLL_INTERVAL.as_millis()
        ));
    }
}

/// Returns whether an event may be a change. Reads are none, or each check would cause the next one.
fn is_change(event: &notify::Result<Event>) -> bool {
    // An error means that events may have been lost.
    event.as_ref().map_or(true, |event| !event.kind.is_access())
}

fn is_missing(error: &notify::Error) -> bool {
    match &error.kind {
        notify::ErrorKind::PathNotFound => true,
        notify::ErrorKind::Io(error) => error.kind() == io::ErrorKind::NotFound,
        _ => false,
    }
}

fn reason(error: &notify::Error) -> String {
    match error.kind {
        notify::ErrorKind::MaxFilesWatch => "the limit fs.inotify.max_user_watches is reached".to_owned(),
        _ => error.to_string(),
    }
}

/// Returns whether a folder is on a file system that does not report the changes of other machines.
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
fn is_remote(folder: &std::path::Path) -> bool {
    // NFS, SMB (three versions), 9P and FUSE, from linux/magic.h.
    const REMOTE: [rustix::fs::FsWord; 6] =
        [0x6969, 0x517b, 0xff53_4d42, 0xfe53_4d42, 0x0102_1997, 0x6573_5546];
    rustix::fs::statfs(folder).is_ok_and(|stat| REMOTE.contains(&stat.f_type))
}

#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
fn is_remote(_: &std::path::Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use std::fs;

    use notify::EventKind;
    use notify::event::{AccessKind, CreateKind};

    use super::*;

    #[test]
    fn reads_are_not_changes() {
        let created = Event::new(EventKind::Create(CreateKind::File));
        let opened = Event::new(EventKind::Access(AccessKind::Any));

        assert!(is_change(&Ok(created)));
        assert!(!is_change(&Ok(opened)));
        assert!(is_change(&Err(notify::Error::generic("overflow"))));
    }

    #[tokio::test]
    async fn a_folder_that_was_replaced_is_watched_again() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("src");
        let folders = BTreeSet::from([parent.path().to_owned(), folder.clone()]);
        fs::create_dir(&folder).unwrap();
        let mut changes = Changes::new();
        changes.watch(&folders);

        fs::remove_dir(&folder).unwrap();
        changes.next().await;
        changes.watch(&folders);
        fs::create_dir(&folder).unwrap();
        changes.next().await;
        changes.watch(&folders);
        fs::write(folder.join("a"), "").unwrap();

        changes.next().await;
    }
}
