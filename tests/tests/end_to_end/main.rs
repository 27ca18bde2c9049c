//! The command, the service and real function processes, as users run them; in real time.

#[cfg(test)]
mod changed_code;
#[cfg(test)]
mod deadline;
#[cfg(test)]
mod killed;
#[cfg(test)]
mod run;
#[cfg(test)]
mod secret;
#[cfg(test)]
mod traces;
#[cfg(test)]
mod workplace;
