// SPDX-License-Identifier: GPL-2.0
/* What kind of value an option takes, so that a shell can complete it. */
#include <stddef.h>
#include <string.h>

#include "cli/completion.h"

static const struct completion_value values[] = {
	{
		.arg = "PID[,PID...]",
		.bash = "-W \"$(cd /proc && echo [1-9]*)\"",
		.fish = "-x -a '(__brkwatch_list (__fish_complete_pids))'",
		.zsh = "_sequence compadd - $pids",
	},
	{
		.arg = "FILE",
		.bash = "-f",
		.fish = "-r -F",
		.zsh = "_files",
	},
	{
		.arg = "NAME[,NAME...]",
		.bash = "-W \"$events\"",
		.fish = "-x -a '(__brkwatch_list $__brkwatch_events)'",
		.zsh = "_sequence compadd - $events",
	},
	{
		.arg = "USER",
		.bash = "-u",
		.fish = "-x -a '(__fish_complete_users)'",
		.zsh = "_users",
	},
	{
		.arg = "VAR[=VAL]",
		.bash = "-e",
		.fish = "-x -a '(set --names --export)'",
		.zsh = "_parameters -g \"*export*\"",
	},
	{
		.arg = "PATH",
		.bash = "-d",
		.fish = "-x -a '(__fish_complete_directories)'",
		.zsh = "_files -/",
	},
	{
		.arg = "SHELL",
		.bash = "-W 'bash fish zsh'",
		.fish = "-x -a 'bash fish zsh'",
		.zsh = "(bash fish zsh)",
	},
	{
		.arg = "FORM",
		.bash = "-W 'folded folded-held folded-peak'",
		.fish = "-x -a 'folded folded-held folded-peak'",
		.zsh = "(folded folded-held folded-peak)",
	},
	{
		.arg = "WHEN",
		.bash = "-W 'auto always never'",
		.fish = "-x -a 'auto always never'",
		.zsh = "(auto always never)",
	},
};

const struct completion_value *completion_value(const char *arg)
{
	/* Only the user knows other values. */
	static const struct completion_value other = { .fish = "-x", .zsh = " " };
	size_t i;

	for (i = 0; i < sizeof(values) / sizeof(*values); i++)
		if (!strcmp(values[i].arg, arg))
			return &values[i];
	return &other;
}
