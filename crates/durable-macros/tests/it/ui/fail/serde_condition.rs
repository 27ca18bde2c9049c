//! Conditions whose state or result cannot be recorded.

use std::ops::ControlFlow::{Break, Continue};

use durable::prelude::*;

struct State {
    checks: u32,
}

struct Response {
    id: u32,
}

async fn state(_: (), ctx: DurableContext) -> Result<u32> {
    let checks = ctx
        .wait_for_condition("state", State { checks: 0 }, async |state: State, _| match state.checks {
            3 => Ok(Break(3)),
            checks => Ok(Continue(State { checks: checks + 1 })),
        })
        .await?;
    Ok(checks)
}

async fn result(_: (), ctx: DurableContext) -> Result<u32> {
    let check = async |checks: u32, _| match checks {
        3 => Ok(Break(Response { id: 3 })),
        checks => Ok(Continue(checks + 1)),
    };
    let response = ctx.wait_for_condition("result", 0, check).await?;
    Ok(response.id)
}

fn main() {}
