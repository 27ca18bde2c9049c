//! The folder that holds all files, and nothing outside of it.

use std::io;
use std::path::{Path, PathBuf};

use tokio::fs;
use tokio::io::AsyncWriteExt;

use super::failure::Failure;
use super::reference::Reference;

/// The folder that holds all files.
#[derive(Clone, Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Writes a file so that it is whole or not there at all, and stays so if the machine loses power.
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
            // What is left of it is of no use; that it cannot be removed is no worse.
            let _ = fs::remove_file(&temporary).await;
            return Err(failed(error));
        }
        sync_folders(folder, present).await.map_err(failed)
    }

    /// The absolute path of a file, as a record names it.
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

    /// The folder itself, which must be there: one that is created here could be on the wrong disk.
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

/// The nearest folder around a path, or itself, that is there.
async fn nearest(path: &Path) -> io::Result<&Path> {
    for path in path.ancestors() {
        if fs::try_exists(path).await? {
            return Ok(path);
        }
    }
    Err(io::ErrorKind::NotFound.into())
}

/// Refuses what is a link, or behind one, that leads out of the folder.
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

/// Makes the names of files and folders last, from a folder up to another that it is in.
async fn sync_folders(from: &Path, up_to: &Path) -> io::Result<()> {
    // Elsewhere folders cannot be opened, and need not be.
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
