# Completion of widerow for bash, by: widerow completion bash
_widerow() {
	local IFS=$'\n' line word=${COMP_WORDS[COMP_CWORD]}
	[[ $word == "=" ]] && word=
	COMPREPLY=()
	for line in $("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null); do
		case $line in
		:file) compopt -o filenames && COMPREPLY=($(compgen -f -- "$word")) ;;
		:dir) compopt -o filenames && COMPREPLY=($(compgen -d -- "$word")) ;;
		*) COMPREPLY+=("${line%%$'\t'*}") ;;
		esac
	done
	if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[:/=] ]]; then
		compopt -o nospace
	fi
}
complete -F _widerow widerow
