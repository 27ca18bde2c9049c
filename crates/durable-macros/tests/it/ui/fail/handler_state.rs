//! What the state of a handler must not be.

use std::cell::Cell;

use durable::{DurableContext, Result, handler};

struct Db;

struct Cache(Cell<u32>);

struct Event;

#[handler]
async fn not_cloned(_event: (), _ctx: DurableContext, _db: Db) -> Result<u32> {
    Ok(1)
}

#[handler]
async fn not_shared(_event: (), _ctx: DurableContext, cache: &Cache) -> Result<u32> {
    Ok(cache.0.get())
}

#[handler]
async fn event(_event: Event, _ctx: DurableContext, _db: &Db) -> Result<u32> {
    Ok(1)
}

#[handler]
async fn not_sent(_event: (), _ctx: DurableContext, _db: &Db) -> Result<u32> {
    let counter = std::rc::Rc::new(1);
    std::future::ready(()).await;
    Ok(*counter)
}

fn main() {}
