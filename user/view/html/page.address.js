"use strict";
/* The step in the address of the page: #step=17, and with several processes &watch=3. */

/* Browsers refuse to change the address more than 100 times in 30 s. */
const REST_MS = 400;

let address_timer = 0;

/* Returns the watch and the index of the step that an address names, null without one. */
function address_step(hash) {
	const asked = new URLSearchParams(hash.slice(1)), number = asked.get("step") || "";
	const watch = Number(asked.get("watch") ?? run.processes[0]?.[0]);
	const found = run.processes.some((process) => process[0] === watch);

	return found && /^[1-9][0-9]*$/.test(number) ? [watch, Number(number) - 1] : null;
}

function write_address() {
	const of = run.processes.length > 1 ? `&watch=${view.watch}` : "";

	address_timer = 0;
	history.replaceState(null, "", `#step=${view.index + 1}${of}`);
}

/* The address follows when the slider rests for a moment, or goes on for longer. */
function follow_in_address() {
	address_timer ||= setTimeout(write_address, REST_MS);
}

/* Shows the step that an address names, if the run has it; returns whether it does. */
function show_address(hash) {
	const [watch, index] = address_step(hash) || [];

	if (watch === undefined || index >= steps_of(watch).length)
		return false;
	at("process").value = watch;
	choose(watch, index);
	return true;
}

/* Somebody wrote another address; if it names no step, the one that is shown takes its place. */
function on_address(event) {
	pause();
	/* By now the address may be the one that follows the slider. */
	if (!show_address(new URL(event.newURL).hash) && view.steps.length)
		follow_in_address();
}
