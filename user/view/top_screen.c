// SPDX-License-Identifier: GPL-2.0
/* --top: the screen and its keys. */
#include <curses.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/say.h"
#include "lib/signals.h"
#include "view/view.h"
#include "view/top.h"
#include "view/top_text.h"

/* The screen has so many lines above and below the processes. */
#define HEAD 2
#define FOOT 1
#define WAIT_MS 200
#define ESCAPE 27

static const char keys[TOP_KEYS] = {
	[TOP_GROWTH] = 'g',  [TOP_HEAP] = 'h', [TOP_ANONYMOUS] = 'a', [TOP_RESIDENT] = 'r',
	[TOP_REFUSED] = 'f', [TOP_LOST] = 'l', [TOP_PID] = 'p',
};

/* The tool updates the screen after so many ns unless the user gives an interval. */
#define INTERVAL 1000000000ULL

/**
 * struct top_screen - what the user looks at
 * @view: how the user sees it
 * @top: the processes
 * @signals: signals that end the view; NULL if the tool catches none
 * @quit: the user quits
 * @over: no more events will come
 * @typing: letters go into the filter
 * @selected: watch of the selected process
 * @detail: the screen shows only that process
 * @first: row at the top of the list, or line at the top of its map
 */
struct top_screen {
	struct view view;
	struct top top;
	struct signals *signals;
	bool quit;
	bool over;
	bool typing;
	uint32_t selected;
	bool detail;
	size_t first;
};

static struct top_screen *screen_of(struct view *view)
{
	return container_of(view, struct top_screen, view);
}

/* Leave the screen before a message, because the message would be lost with it. */
static void leave(void)
{
	if (!isendwin())
		endwin();
}

/* Cut the text at the edge, because curses would continue it in the next line. */
static void draw_text(int y, const char *text)
{
	mvaddnstr(y, 0, text, COLS);
}

static int take_terminal(void)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		say("--top wants a terminal; without one use -c --interval 1");
		return -ENOTTY;
	}
	setlocale(LC_CTYPE, "");
	if (!newterm(NULL, stdout, stdin)) {
		say("--top cannot use this terminal; set TERM to what it is, as in: TERM=xterm");
		return -ENOTTY;
	}
	say_after(leave);
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	set_escdelay(25);
	curs_set(0);
	timeout(0);
	draw_text(0, "brkwatch: the first figures are fetched");
	refresh();
	return 0;
}

static int top_open(struct view *view, const struct view_context *context)
{
	screen_of(view)->signals = context->signals;
	return take_terminal();
}

static void top_close(struct view *view)
{
	leave();
	top_free(&screen_of(view)->top);
}

static void draw_head(const struct top_screen *screen, size_t shown)
{
	bool filtered = screen->top.filter[0] || screen->typing;
	char state[2 * TOP_FILTER + 32], buf[TOP_TEXT_MAX];

	snprintf(state, sizeof(state), "%s%s%s%s", filtered ? ", name has: " : "",
		 screen->top.filter, screen->typing ? "_" : "",
		 screen->over ? ", all have ended" : "");
	draw_text(0, top_head(buf, COLS, &screen->top, shown, state));
	attron(A_REVERSE);
	mvhline(1, 0, ' ', COLS);
	draw_text(1, top_titles(buf, COLS));
	attroff(A_REVERSE);
}

static void draw_row(const struct top_row *row, int y, bool selected)
{
	int attributes = (selected ? A_BOLD | A_UNDERLINE : 0) | (row->ended ? A_DIM : 0);
	char buf[TOP_TEXT_MAX];

	attron(attributes);
	draw_text(y, top_line(buf, COLS, row));
	attroff(attributes);
}

static void draw_foot(const char *text)
{
	mvhline(LINES - 1, 0, ' ', COLS);
	mvprintw(LINES - 1, 0, "%.*s", COLS - 1, text);
}

static size_t rows_on_screen(void)
{
	int room = LINES - HEAD - FOOT;

	return room > 0 ? room : 0;
}

/* The selected process must always be visible. */
static void draw_list(struct top_screen *screen)
{
	size_t n, i, room = rows_on_screen(), at = 0;
	const struct top_row **rows = top_order(&screen->top, &n);

	if (!rows)
		return;
	for (i = 0; i < n; i++)
		if (rows[i]->watch == screen->selected)
			at = i;
	if (n)
		screen->selected = rows[at]->watch;
	if (at < screen->first)
		screen->first = at;
	if (room && at >= screen->first + room)
		screen->first = at - room + 1;
	draw_head(screen, n);
	for (i = 0; i < room && screen->first + i < n; i++)
		draw_row(rows[screen->first + i], HEAD + i, screen->first + i == at);
	draw_foot("g h a r f l p sort by   / name   Up Down choose   Enter look at it   q quit");
	free(rows);
}

/* Draw the lines of a text, without the first @skip. */
static int draw_lines(const char *text, size_t skip, int y, int bottom)
{
	while (*text && y < bottom) {
		int length = strcspn(text, "\n");

		if (skip)
			skip--;
		else
			mvaddnstr(y++, 0, text, length < COLS ? length : COLS);
		text += length + (text[length] == '\n');
	}
	return y;
}

/* Draw the last events below the map, the latest one last. */
static void draw_events(struct view *view, const struct last_events *last, int y, int bottom)
{
	uint64_t room = bottom > y ? bottom - y : 0, n = last->n, i;

	if (n > LAST_EVENTS_MAX)
		n = LAST_EVENTS_MAX;
	if (n > room)
		n = room;
	for (i = last->n - n; i < last->n; i++) {
		char *text = last_events_text(last, view, i);

		draw_text(y++, text ?: "no memory");
		free(text);
	}
}

static void draw_detail(struct view *view, const struct top_screen *screen)
{
	const struct top_row *row = top_find(&screen->top, screen->selected);
	int middle = LINES * 2 / 3;
	char *map;

	if (!row)
		return;
	map = top_map(view, row);
	draw_lines(map ?: "no memory", screen->first, 0, middle - 1);
	free(map);
	attron(A_REVERSE);
	mvhline(middle - 1, 0, ' ', COLS);
	draw_text(middle - 1, "its last events");
	attroff(A_REVERSE);
	draw_events(view, &row->last, middle, LINES - FOOT);
	draw_foot("Up Down more of the map   Esc back   q quit");
}

static void draw(struct view *view)
{
	struct top_screen *screen = screen_of(view);

	erase();
	if (screen->detail)
		draw_detail(view, screen);
	else
		draw_list(screen);
	refresh();
}

static void type(struct top_screen *screen, int key)
{
	char *filter = screen->top.filter;
	size_t length = strlen(filter);

	if (key == '\n' || key == KEY_ENTER || key == ESCAPE)
		screen->typing = false;
	if (key == ESCAPE)
		filter[0] = '\0';
	if ((key == KEY_BACKSPACE || key == 127 || key == '\b') && length)
		filter[length - 1] = '\0';
	if (key >= ' ' && key < 127 && length + 1 < TOP_FILTER) {
		filter[length] = key;
		filter[length + 1] = '\0';
	}
}

static void choose(struct top_screen *screen, int by)
{
	size_t n, i;
	const struct top_row **rows = top_order(&screen->top, &n);

	for (i = 0; rows && i < n; i++) {
		if (rows[i]->watch != screen->selected)
			continue;
		if (by < 0 ? i > 0 : i + 1 < n)
			screen->selected = rows[i + by]->watch;
		break;
	}
	free(rows);
}

static void scroll_map(struct top_screen *screen, int by)
{
	if (by > 0 || screen->first)
		screen->first += by;
}

static void look_at(struct top_screen *screen, bool detail)
{
	screen->detail = detail;
	screen->first = 0;
}

static void press(struct top_screen *screen, int key)
{
	int i;

	if (screen->typing)
		return type(screen, key);
	switch (key) {
	case 'q':
		screen->quit = true;
		return;
	case KEY_UP:
	case KEY_DOWN:
		(screen->detail ? scroll_map : choose)(screen, key == KEY_UP ? -1 : 1);
		return;
	case '\n':
	case KEY_ENTER:
		return look_at(screen, true);
	case ESCAPE:
		return look_at(screen, false);
	}
	if (screen->detail)
		return;
	screen->typing = key == '/';
	for (i = 0; i < TOP_KEYS; i++)
		if (key == keys[i])
			screen->top.key = i;
}

static bool top_keys(struct view *view)
{
	struct top_screen *screen = screen_of(view);
	bool any = false;
	int key;

	/* Reading a key would take the terminal again. */
	if (isendwin())
		return true;
	while (!screen->quit && (key = getch()) != ERR) {
		press(screen, key);
		any = true;
	}
	if (any)
		draw(view);
	return screen->quit;
}

/* If the tool catches no signals, the handlers of curses restore the terminal. */
static bool is_interrupted(const struct top_screen *screen)
{
	if (!screen->signals)
		return false;
	signals_take(screen->signals);
	return screen->signals->interrupted || screen->signals->deadly;
}

/* Wait for the user, because the user may still be reading when the last process ends. */
static void wait_for_quit(struct view *view)
{
	const struct top_screen *screen = screen_of(view);

	timeout(WAIT_MS);
	while (!top_keys(view) && !is_interrupted(screen))
		;
}

static int on_event(struct view *view, const struct step *step)
{
	return top_event(&screen_of(view)->top, view, step);
}

static int on_ended(struct view *view, const struct counters *last, const struct losses *losses)
{
	struct top *top = &screen_of(view)->top;
	int err = top_count(top, last, 0);

	(void)losses;
	top_forget(top);
	return err;
}

static int on_report(struct view *view, const struct report *report)
{
	struct top_screen *screen = screen_of(view);
	int err = 0;
	size_t i;

	screen->top.losses = report->losses;
	for (i = 0; i < report->n && !err; i++)
		err = top_count(&screen->top, &report->counters[i], report->time);
	top_forget(&screen->top);
	screen->over = !report->time;
	if (!err && !screen->quit)
		draw(view);
	if (err || !screen->over)
		return err;
	if (!screen->quit && !is_interrupted(screen))
		wait_for_quit(view);
	leave();
	put_losses(view, report);
	return 0;
}

const struct view_type top_view = {
	.option = "top",
	.traits = VIEW_WHOLE | VIEW_REPEATS | VIEW_SCREEN,
	.events = CALL_EVENTS | LIFECYCLE_EVENTS,
	.interval = INTERVAL,
	.size = VIEW_SIZE(struct top_screen),
	.open = top_open,
	.event = on_event,
	.end = on_report,
	.ended = on_ended,
	.close = top_close,
	.keys = top_keys,
};
