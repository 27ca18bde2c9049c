//! Results are delivered in one order, live as on replay.

mod chains;
mod kept;
mod loops;
mod nested;
mod open;
mod play;
mod scene;
mod selects;
mod tasks;
mod ties;
mod timers;
mod trace;
mod warm;
mod yields;

use play::{Played, play, play_over, play_through_trouble};
use scene::Scene;
use trace::Trace;
