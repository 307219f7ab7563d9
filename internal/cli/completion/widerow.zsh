#compdef widerow
# Completion of widerow for zsh, by: widerow completion zsh
_widerow() {
	local line
	local -a values shown
	for line in "${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
		case $line in
		(:file) _files; return ;;
		(:dir) _files -/; return ;;
		(?*)
			values+=("${line%%$'\t'*}")
			shown+=("${line/$'\t'/  -- }")
			;;
		esac
	done
	if (( ${#values} == 1 )) && [[ ${values[1]} == *[:/=] ]]; then
		compadd -S '' -a values
	elif (( ${#values} )); then
		compadd -l -d shown -a values
	fi
}
if [[ ${funcstack[1]} == _widerow ]]; then
	_widerow "$@"
else
	compdef _widerow widerow
fi
