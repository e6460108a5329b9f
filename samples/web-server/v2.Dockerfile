# Second try: one RUN, cleaned up in the same layer. What is deleted before the layer ends costs nothing.
ARG DEBIAN=debian:bookworm
FROM ${DEBIAN}
RUN (sed -i 's/^Types: deb$/& deb-src/' /etc/apt/sources.list.d/*.sources || sed -i 'p;s/^deb /deb-src /' /etc/apt/sources.list) \
    && apt-get update \
    && apt-get install -y gcc make libpcre2-dev zlib1g-dev \
    && apt-get source --download-only nginx \
    && mkdir /src && tar -C /src --strip-components=1 -xf nginx_*.orig.tar.gz \
    && cd /src && ./configure --prefix=/opt/nginx && make -j2 && make install \
    && cd / && rm -rf /src /nginx_* \
    && apt-get clean && rm -rf /var/lib/apt/lists/*
COPY index.html /opt/nginx/html/
EXPOSE 80
STOPSIGNAL SIGQUIT
CMD ["/opt/nginx/sbin/nginx", "-g", "daemon off;"]
