# Build from the root of the repository:
#   docker build -f packaging/docker/dns.Dockerfile -t warren-dns .
# Run, with /etc/warren/dns.toml from the host:
#   docker run -v /etc/warren:/etc/warren:ro -v dns-state:/var/lib/warren-dns \
#     -p 53:53/udp -p 53:53/tcp -p 443:443 --ulimit nofile=65536 --stop-timeout 40 warren-dns

FROM maven:3.9.11-eclipse-temurin-17 AS build
WORKDIR /src
COPY . .
RUN mvn -B -ntp -q -pl cli -am package -DskipTests

# Not Alpine: the native transports are built against glibc.
FROM eclipse-temurin:17.0.16_8-jre-jammy
RUN mkdir -p /etc/warren /var/lib/warren-dns \
 && chown 65532:65532 /var/lib/warren-dns
COPY --from=build /src/cli/target/warren.jar /usr/lib/warren/warren.jar
COPY packaging/dns.toml /etc/warren/dns.toml

# Nobody in particular. Docker lets everyone bind ports from 0 inside a container.
USER 65532:65532
WORKDIR /var/lib/warren-dns
VOLUME /var/lib/warren-dns
# DNS, https, metrics.
EXPOSE 53/udp 53/tcp 443/tcp 9117/tcp

# That DNS over TCP is listened to; what it answers is for a probe of the origins.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/53"]

STOPSIGNAL SIGTERM
ENTRYPOINT ["java", "-XX:MaxRAMPercentage=40", "-jar", "/usr/lib/warren/warren.jar", "dns"]
CMD ["--config", "/etc/warren/dns.toml", "--json"]
