# Fourth try: no distribution at all. Only the server, the libraries it links to, and the one user it needs.
ARG DEBIAN=debian:bookworm
FROM ${DEBIAN} AS build
RUN sed -i 's/^Types: deb$/& deb-src/' /etc/apt/sources.list.d/*.sources || sed -i 'p;s/^deb /deb-src /' /etc/apt/sources.list
RUN apt-get update && apt-get install -y gcc make libpcre2-dev zlib1g-dev
RUN apt-get source --download-only nginx && mkdir /src && tar -C /src --strip-components=1 -xf nginx_*.orig.tar.gz
WORKDIR /src
RUN ./configure --prefix=/opt/nginx && make -j2 && make install

FROM build AS root
RUN mkdir -p /root-fs/opt /root-fs/etc /root-fs/tmp \
    && cp -a /opt/nginx /root-fs/opt/ \
    && ldd /opt/nginx/sbin/nginx | grep -o '/[^ ]*' | xargs -I LIB cp --parents -L LIB /root-fs/ \
    && grep -E '^(root|nobody):' /etc/passwd > /root-fs/etc/passwd \
    && grep -E '^(root|nogroup):' /etc/group > /root-fs/etc/group

FROM scratch
COPY --from=root /root-fs /
COPY index.html /opt/nginx/html/
EXPOSE 80
STOPSIGNAL SIGQUIT
CMD ["/opt/nginx/sbin/nginx", "-g", "daemon off;"]
