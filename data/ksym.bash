# SPDX-License-Identifier: LGPL-2.1-or-later
# Bash completion of ksym.  Commands and options come from the program itself.
_ksym()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words
	COMPREPLY=()
	if [[ $COMP_CWORD -eq 1 ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(ksym --list 2>/dev/null) --help --version" -- "$cur")
		return
	fi
	[[ $cur == = ]] && cur=
	[[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD-2]}
	case $prev in
	--format) mapfile -t COMPREPLY < <(compgen -W 'symver symvers' -- "$cur"); return ;;
	--select) mapfile -t COMPREPLY < <(compgen -W 'kallsyms text all' -- "$cur"); return ;;
	--mode) mapfile -t COMPREPLY < <(compgen -W 'auto zero unrelocate' -- "$cur"); return ;;
	--build-tree|--source-tree|--modules|--headers) mapfile -t COMPREPLY < <(compgen -d -- "$cur"); return ;;
	esac
	if [[ $cur == -* ]]; then
		words=$(ksym --list "${COMP_WORDS[1]}" 2>/dev/null)
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
		[[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
		return
	fi
	compopt -o filenames
	mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}
complete -F _ksym ksym
