#!/usr/bin/zsh -f
# SPDX-License-Identifier: GPL-2.0
# What zsh offers for the last of some words, a line each: this script runs a shell
# at its own terminal, because only a shell at a terminal completes.
#
#   completion.zsh FILE LINE    FILE: what brkwatch --completion zsh wrote; found
#                               by zsh if its name is _brkwatch, else sourced
zmodload zsh/zpty
zpty shell zsh -f -i

# The terminal echoes its input, so an input never contains an expected answer in one piece.
ask() { zpty -w shell "$1" }

answer()
{
	zpty -r shell line && line=${line//[$'\r\n']/}
}

ask "PROMPT= ; unset zle_bracketed_paste; fpath=(${(q)1:h} \$fpath); autoload -U compinit; compinit -u -d ${(q)1:h}/dump"
[[ ${1:t} == _brkwatch ]] || ask "source ${(q)1}"
# Print each match when it is added, but not the candidates that are only stored for later.
ask 'compadd()
{
	local -a hits
	if [[ " ${argv[1,(i)--]} " != *\ -[OAD]\ * ]]; then
		builtin compadd -A hits "$@"
		print -rl -- "HI""T:"$^hits
	fi
	builtin compadd "$@"
}'
ask "mark() { print E''ND }; comppostfuncs=(mark); print REA''DY"
while answer && [[ $line != *READY* ]]; do
done
zpty -n -w shell "$2"$'\t'
while answer && [[ $line != *END* ]]; do
	[[ $line != *HIT:* ]] || print -r -- "${line##*HIT:}"
done
zpty -d shell
