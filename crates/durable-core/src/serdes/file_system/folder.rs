//! The folder that contains all files, and access to nothing outside of it.

use std::io;
use std::path::{Path, PathBuf};

use tokio::fs;
use tokio::io::AsyncWriteExt;

use super::failure::Failure;
use super::reference::Reference;

/// The folder that contains all files.
#[derive(Clone, Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Writes a file atomically and durably: it is complete or missing, even after a power loss.
    pub(super) async fn write(&self, reference: &Reference, content: &str) -> Result<(), Failure> {
        let failed = |error| Failure::because(format!("the file `{reference}` cannot be written"), error);
        let base = self.base().await?;
        let (path, temporary) = (reference.path(&base), reference.temporary_path(&base));
        let folder = path.parent().unwrap_or(&base);
        let present = nearest(folder).await.map_err(failed)?;
        check_inside(&base, present, reference).await?;
        if present != folder {
            fs::create_dir_all(folder).await.map_err(failed)?;
        }
        let written = write_and_rename(&temporary, &path, content).await;
        if let Err(error) = written {
            // The temporary file is useless now, and failing to remove it does no harm.
            let _ = fs::remove_file(&temporary).await;
            return Err(failed(error));
        }
        sync_folders(folder, present).await.map_err(failed)
    }

    /// Returns the absolute path of a file, as written to records.
    pub(super) fn absolute(&self, reference: &Reference) -> Result<String, Failure> {
        let base = std::path::absolute(&self.0);
        let path = base.map(|base| reference.path(&base)).map_err(|error| {
            Failure::because(format!("the folder `{}` has no absolute path", self.0.display()), error)
        })?;
        path.into_os_string().into_string().map_err(|path| {
            Failure::new(format!("the path `{}` is not UTF-8, so it cannot be recorded", path.display()))
        })
    }

    /// Reads a file.
    pub(super) async fn read(&self, reference: &Reference) -> Result<String, Failure> {
        let base = self.base().await?;
        let path = reference.path(&base);
        check_inside(&base, &path, reference).await?;
        let failed = |error| Failure::because(format!("the file `{reference}` cannot be read"), error);
        fs::read_to_string(&path).await.map_err(failed)
    }

    /// Returns the real path of the folder, which must exist: a folder created here could be on the wrong disk.
    async fn base(&self) -> Result<PathBuf, Failure> {
        let failed = |error| {
            let path = self.0.display();
            Failure::because(
                format!("the folder `{path}` must be there before values are put into it"),
                error,
            )
        };
        fs::canonicalize(&self.0).await.map_err(failed)
    }
}

/// Returns the nearest existing ancestor of a path, including the path itself.
async fn nearest(path: &Path) -> io::Result<&Path> {
    for path in path.ancestors() {
        if fs::try_exists(path).await? {
            return Ok(path);
        }
    }
    Err(io::ErrorKind::NotFound.into())
}

/// Rejects a path that leads out of the folder through a link.
async fn check_inside(base: &Path, path: &Path, reference: &Reference) -> Result<(), Failure> {
    let real = fs::canonicalize(path).await.map_err(|error| {
        let problem = if error.kind() == io::ErrorKind::NotFound { "is missing" } else { "cannot be read" };
        Failure::because(format!("the file `{reference}` {problem}"), error)
    })?;
    if real.starts_with(base) {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the file `{reference}` is refused: a link leads out of the folder `{}`",
        base.display()
    )))
}

async fn write_and_rename(temporary: &Path, path: &Path, content: &str) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(temporary).await?;
    file.write_all(content.as_bytes()).await?;
    file.sync_all().await?;
    drop(file);
    fs::rename(temporary, path).await
}

/// Syncs a folder and its ancestors up to another, so that the names in them are durable.
async fn sync_folders(from: &Path, up_to: &Path) -> io::Result<()> {
    // On other systems folders cannot be opened and need not be synced.
    if !cfg!(unix) {
        return Ok(());
    }
    for folder in from.ancestors() {
        fs::File::open(folder).await?.sync_all().await?;
        if folder == up_to {
            break;
        }
    }
    Ok(())
}
