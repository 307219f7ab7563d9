# Completion of widerow for fish, by: widerow completion fish
function __widerow_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in ($words[1] __complete $words[2..-1] "$current" 2>/dev/null)
        switch $line
            case ':file'
                __fish_complete_path "$current"
            case ':dir'
                __fish_complete_directories "$current"
            case '*'
                echo $line
        end
    end
end
complete -c widerow -f -a '(__widerow_complete)'
