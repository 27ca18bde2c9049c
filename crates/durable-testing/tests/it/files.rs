//! Values in files, whatever goes wrong between function and service.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use durable_core::serdes::FileSystemSerdes;
use durable_core::{DurableContext, Result};
use durable_testing::{Fault, TestRunner, crash};

const PAGES: usize = 6;
const PAGE: usize = 3_000;

/// Renders pages that are larger than records may be here, side by side, and puts them together.
async fn report(folder: PathBuf, crashes_at: usize, ctx: DurableContext) -> Result<usize> {
    let ctx = ctx.with_serdes(FileSystemSerdes::new(&folder).threshold(1_000));
    let pages = ctx
        .map("pages", 0..PAGES, async |ctx, page, _| {
            ctx.wait("turn", Duration::from_secs(60 * (page as u64 + 1))).await?;
            let rendered = ctx.step("render", async |_| {
                if page == crashes_at && is_first_of_its_kind(&folder)? {
                    crash().await;
                }
                Ok("x".repeat(PAGE + page))
            });
            rendered.await
        })
        .max_concurrency(3)
        .await?
        .into_result()?;
    let report = ctx.run_in_child_context("bind", async |_| Ok(pages.concat())).await?;
    ctx.wait("archive", Duration::from_hours(24)).await?;
    Ok(report.len())
}

/// Leaves a mark that outlives the invocation, and says whether it is the first.
fn is_first_of_its_kind(folder: &Path) -> std::io::Result<bool> {
    let mark = folder.join("crashed");
    let is_first = !mark.try_exists()?;
    fs::write(mark, "")?;
    Ok(is_first)
}

const ALL: usize = PAGES * PAGE + 15;

#[tokio::test(start_paused = true)]
async fn values_in_files_are_there_in_every_later_invocation() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let runner = TestRunner::new(move |_: (), ctx| report(path.clone(), usize::MAX, ctx)).page_items(5);

    let execution = runner.run(&()).await.unwrap();

    assert_eq!(execution.result::<usize>().unwrap(), ALL);
    assert!(execution.invocations() > 4, "{}", execution.invocations());
    let names = |name| {
        let details = execution.operation(name).unwrap();
        let step = details.step_details().and_then(|step| step.result.clone());
        step.or(details.context_details().and_then(|context| context.result.clone())).unwrap()
    };
    assert!(
        names("render").starts_with(r#"{"__durable_execution_filesystem_serdes":1,"#),
        "{}",
        names("render")
    );
    assert!(names("bind").len() < 1_000);
}

#[tokio::test(start_paused = true)]
async fn values_in_files_survive_whatever_is_lost_on_the_way() {
    let faults = [Fault::LostRequest, Fault::LostResponse, Fault::WithheldToken, Fault::LostAnswer];
    for fault in faults {
        for request in [3, 6] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().to_owned();
            let runner = TestRunner::new(move |_: (), ctx| report(path.clone(), 2, ctx));

            let execution = runner.fault(request, fault).run(&()).await.unwrap();

            assert_eq!(execution.result::<usize>().unwrap(), ALL, "{fault:?} at {request}");
        }
    }
}
