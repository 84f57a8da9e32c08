# The image of a node: intd-server, and int, intd-client and intctl beside it,
# run by a user of its own, its state on the volume /var/lib/intd.
#
#   docker build -t intd .
#   docker run -p 127.0.0.1:8080:8080 -v intd:/var/lib/intd intd
#
# What follows the image's name goes to intd-server. docker-compose.yml makes a
# cluster of it. The classic builder is enough.

# What it is built in: Debian 12, maybe with some of the packages already.
ARG build_base=debian:12-slim
FROM $build_base AS build
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
WORKDIR /src
# The packages first, and then only what .dockerignore lets in: a change of
# documents or tests builds nothing again.
COPY scripts scripts
RUN scripts/install-packages run
COPY . .
# And which of Debian's packages hold the libraries that the programs load. The
# paths of ldd and of dpkg differ by a leading /usr.
RUN cmake --preset release -DINTD_TESTS=OFF -DINTD_BENCH=OFF \
  && cmake --build --preset release \
  && cmake --install build/release --strip --prefix /out \
  && ldd /out/bin/* | awk '$2 == "=>" { print $3 }' | xargs realpath \
  | sort -u | sed 's|.*/|*/|' | xargs dpkg -S | sed 's/:.*//' | sort -u \
  >/out/libraries && cat /out/libraries

FROM debian:12-slim
COPY --from=build /out/libraries /tmp/
# Certificates: stores and sites may be reached by https.
RUN apt-get update \
  && DEBIAN_FRONTEND=noninteractive apt-get install -y \
    --no-install-recommends ca-certificates $(cat /tmp/libraries) \
  && rm -rf /tmp/libraries /var/lib/apt/lists/* /var/cache/apt/* \
    /var/cache/debconf/*-old /var/log/* \
  && useradd --system --user-group --no-create-home \
    --home-dir /var/lib/intd --shell /usr/sbin/nologin intd \
  && install -d -m 0700 -o intd -g intd /var/lib/intd
COPY --from=build /out/bin /usr/local/bin
COPY --from=build /out/etc/intd /etc/intd
COPY LICENSE /usr/local/share/doc/intd/
# With every library that it needs, each program starts.
RUN intd-server -version && int -version && intd-client -version \
  && intctl -version
# Where intd-server and int look for the state: /var/lib/intd.
ENV XDG_STATE_HOME=/var/lib
USER intd
VOLUME /var/lib/intd
EXPOSE 8080
STOPSIGNAL SIGTERM
# Mints nothing; without curl in the image, by bash.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && \
printf 'GET /readyz HTTP/1.0\\r\\n\\r\\n' >&3 && \
read -r _ status _ <&3 && [[ $status == 200 ]]"]
ENTRYPOINT ["intd-server"]
CMD ["-host", "0.0.0.0"]
