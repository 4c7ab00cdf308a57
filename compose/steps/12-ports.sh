step "Ports"
for port in "$(knob NIGHTPORTER_HTTPS_PORT 443)" "$(knob NIGHTPORTER_COLLECTORS_PORT 8514)"; do
    if [ -n "$(docker ps --quiet --filter "publish=$port" --filter label=com.docker.compose.project=nightporter)" ]; then
        say "$port is the appliance's already"
    elif (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
        stop "Expected port $port to be free, found a program that listens; stop it, or choose another port in .env."
    else
        say "$port is free"
    fi
done
