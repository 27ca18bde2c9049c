//! Makes chained invokes, and notifies callers when they end.

use durable_types::api::ServiceError;
use durable_types::{DurableExecutionArn, ErrorObject};

use super::after_deletion::AfterDeletion;
use super::calls::CallId;
use super::dispatcher::Dispatcher;
use super::execution_id::ExecutionId;
use super::output::{Output, PlainCall};
use super::resident::Origin;
use super::slot::Slot;
use crate::chained_invoke_end::ChainedInvokeEnd;
use crate::command::Command;
use crate::environment::Environment;
use crate::function_call::FunctionCall;
use crate::function_description::FunctionDescription;
use crate::payload::Payload;
use crate::start::StartExecution;

impl<T> Dispatcher<T> {
    /// Handles the end of a call of a plain function.
    pub fn handle_call_ended(&mut self, call: &CallId, end: ChainedInvokeEnd, environment: Environment<'_>) {
        if self.calls.end(call, end) {
            self.notify_caller(call, environment);
        }
    }

    /// Makes a call, unless it is already in progress. If its end is known but not recorded, notifies the caller again.
    pub(super) fn call(
        &mut self,
        caller: &DurableExecutionArn,
        mut call: FunctionCall,
        environment: Environment<'_>,
    ) {
        let id = CallId { caller: caller.into(), operation_id: call.operation_id.clone() };
        let callee = call.durable_execution_arn.as_ref().map(ExecutionId::from);
        if !self.calls.begin(&id, callee.as_ref()) {
            if self.calls.end_of(&id).is_some() {
                self.notify_caller(&id, environment);
            }
            return;
        }
        if let Some(Slot::Resident(resident)) = self.slots.get(&id.caller) {
            resident.execution.trace_call(&mut call, environment.settings);
        }
        let function = environment.functions.find(&call.function_name);
        match call.durable_execution_arn.clone() {
            Some(arn) => self.call_durable(&id, arn, call, function, environment),
            None => self.call_plain(id, caller, call, function, environment),
        }
    }

    /// Notifies the caller of an execution that has ended, if there is one.
    pub(super) fn handle_callee_closed(&mut self, callee: &ExecutionId, environment: Environment<'_>) {
        let Some(call) = self.calls.waiting_for(callee).cloned() else { return };
        let Some(Slot::Resident(resident)) = self.slots.get(callee) else { return };
        if let Some(end) = ChainedInvokeEnd::of(&resident.execution)
            && self.calls.end(&call, end)
        {
            self.notify_caller(&call, environment);
        }
    }

    /// Handles a called execution that does not exist: repeats the call if its start was not recorded, and fails it if
    /// the function does not exist either.
    pub(super) fn handle_callee_missing(&mut self, callee: &ExecutionId, environment: Environment<'_>) {
        let Some(call) = self.calls.waiting_for(callee).cloned() else { return };
        if self.calls.end_of(&call).is_some() {
            return;
        }
        // Without a failed append, the execution was never started because the function did not exist.
        if self.failures.contains_key(callee) {
            match self.slots.get(&call.caller) {
                Some(Slot::Resident(resident)) => {
                    let execution = &resident.execution;
                    let arn = execution.arn().clone();
                    let wanted = execution.calls().find(|it| it.operation_id == call.operation_id).cloned();
                    let is_of_known =
                        |wanted: &FunctionCall| environment.functions.find(&wanted.function_name).is_some();
                    if wanted.as_ref().is_none_or(is_of_known) {
                        self.calls.remove(&call);
                        return wanted.into_iter().for_each(|wanted| self.call(&arn, wanted, environment));
                    }
                }
                // The caller repeats its calls when it is loaded.
                Some(Slot::Loading(_) | Slot::Deleting(_)) => return self.calls.remove(&call),
                None => {
                    self.calls.remove(&call);
                    return self.load(&call.caller);
                }
            }
        }
        let error = ErrorObject::new("ResourceNotFoundException", "Function not found.");
        self.fail_call(&call, error, environment);
    }

    fn call_durable(
        &mut self,
        id: &CallId,
        arn: DurableExecutionArn,
        call: FunctionCall,
        function: Option<FunctionDescription>,
        environment: Environment<'_>,
    ) {
        let callee = ExecutionId::from(&arn);
        match self.slots.get_mut(&callee) {
            Some(Slot::Deleting(after)) => return after.push(AfterDeletion::Load),
            Some(Slot::Resident(resident)) if resident.is_end_recorded => {
                return self.handle_callee_closed(&callee, environment);
            }
            // The caller is notified when the execution ends.
            Some(Slot::Resident(_) | Slot::Loading(_)) => return,
            None if self.timers.contains(&callee) => return,
            None => {}
        }
        // An earlier process may have started it.
        let Some(function) = function else { return self.load(&callee) };
        let Some(Slot::Resident(caller)) = self.slots.get(&id.caller) else { return };
        let seed = caller.execution.seed.child(&id.operation_id);
        if let Err(error) = function.check_tenant(&call.headers) {
            return self.fail_call(id, error_object(error), environment);
        }
        let request = StartExecution {
            execution_arn: arn,
            input: call.input.map(Payload::into_string),
            durable_config: function.durable_config,
            synchronous: false,
            headers: call.headers,
            seed,
        };
        if let Err((_, error)) = self.insert_new(request, None, environment) {
            self.fail_call(id, error_object(error), environment);
        }
    }

    fn call_plain(
        &mut self,
        id: CallId,
        caller: &DurableExecutionArn,
        call: FunctionCall,
        function: Option<FunctionDescription>,
        environment: Environment<'_>,
    ) {
        let rejection = match function {
            None => Some(not_found(&call.function_name)),
            Some(function) => function.check_tenant(&call.headers).err().map(error_object),
        };
        if let Some(error) = rejection {
            return self.fail_call(&id, error, environment);
        }
        let (partition, region, account) = (caller.partition(), caller.region(), caller.account_id());
        let (name, version) = (&call.function_name, &call.version);
        self.push(Output::Call(Box::new(PlainCall {
            id,
            function_arn: format!("arn:{partition}:lambda:{region}:{account}:function:{name}:{version}"),
            function_name: call.function_name,
            headers: call.headers,
            input: call.input.map(Payload::into_string),
        })));
    }

    fn fail_call(&mut self, call: &CallId, error: ErrorObject, environment: Environment<'_>) {
        if self.calls.end(call, ChainedInvokeEnd::Failed(error)) {
            self.notify_caller(call, environment);
        }
    }

    /// Sends the end of a call to the caller. A caller that is not in memory is loaded, and repeats the call.
    fn notify_caller(&mut self, call: &CallId, environment: Environment<'_>) {
        let Some(end) = self.calls.end_of(call).cloned() else { return };
        match self.slots.get(&call.caller) {
            Some(Slot::Resident(_)) => {
                let command = Command::ChainedInvokeEnded { operation_id: call.operation_id.clone(), end };
                self.apply(&call.caller, command, Origin::Call(call.clone()), environment);
            }
            Some(Slot::Loading(_) | Slot::Deleting(_)) => {}
            None => self.load(&call.caller),
        }
    }
}

fn error_object(error: ServiceError) -> ErrorObject {
    ErrorObject::new(error.kind.as_str(), error.message)
}

fn not_found(function_name: &str) -> ErrorObject {
    ErrorObject::new("ResourceNotFoundException", format!("Function not found: {function_name}."))
}
