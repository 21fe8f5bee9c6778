"use strict";
/* The events up to the loader's last call are folded away, because a lecture is about the program. */

/* Returns how many steps of a process may be folded away, and the index of its first own one, or -1. */
function beginning_of(watch) {
	const [, , , loaded, own] = run.processes.find((process) => process[0] === watch);

	return { loaded, own };
}

/* Shows the steps of the process from the first one on that is not folded away. */
function fold() {
	const { loaded } = beginning_of(view.watch);

	at("fold").hidden = !loaded;
	at("folded").textContent = `show the first ${loaded} events, up to the loader's last call`;
	view.first = at("unfold").checked ? 0 : loaded;
	at("slider").min = view.first;
	view.plot = new Plot(view.steps, view.first);
	prepare();
}
