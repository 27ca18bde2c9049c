//! What a lane is reached by, which outlasts a state that can no longer be trusted.

use std::sync::Arc;

use durable_service::Settings;
use tokio::sync::{mpsc, watch};

use super::failure::LaneFailure;
use super::handle::LaneHandle;
use super::lanes::Lanes;
use super::message::Message;
use super::progress::{Progress, Standing};
use crate::service::RunningFunction;

/// Messages that may wait for a lane; a function has one request in flight, so that more is rare.
const INBOX_LENGTH: usize = 16;

/// What a lane is reached by, and what it needs besides the execution.
pub(super) struct Seat {
    pub(super) function: Arc<RunningFunction>,
    pub(super) settings: Arc<Settings>,
    /// All lanes, among them those of executions that this one starts.
    pub(super) lanes: Lanes,
    pub(super) handle: LaneHandle,
    pub(super) inbox: mpsc::Receiver<Box<Message>>,
    pub(super) progress: watch::Sender<Progress>,
    /// Whether anything was recorded since the lane began.
    pub(super) has_recorded: bool,
}

impl Seat {
    pub(super) fn new(function: Arc<RunningFunction>, settings: Arc<Settings>, lanes: Lanes) -> Self {
        let (sender, inbox) = mpsc::channel(INBOX_LENGTH);
        let (progress, watched) =
            watch::channel(Progress { recorded: 0, standing: Standing::Open, output: None });
        Self {
            function,
            settings,
            lanes,
            handle: LaneHandle::new(sender, watched),
            inbox,
            progress,
            has_recorded: false,
        }
    }

    /// Tells everybody who waits, and everybody who asked, that the lane failed.
    pub(super) async fn fail(&mut self, failure: LaneFailure) {
        self.progress.send_modify(|progress| {
            if matches!(progress.standing, Standing::Open) {
                progress.standing = Standing::Failed(failure.clone());
            }
        });
        // After that, so that whoever finds the lane gone finds the reason, too.
        self.inbox.close();
        while let Some(message) = self.inbox.recv().await {
            message.refuse(&failure);
        }
    }
}
