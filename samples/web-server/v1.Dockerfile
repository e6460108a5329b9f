# The same web server four times, smaller each time. First try: one RUN per command, cleaned up at the end.
# Every layer keeps what it added, so what the last two lines delete still costs its bytes below.
ARG DEBIAN=debian:bookworm
FROM ${DEBIAN}
RUN sed -i 's/^Types: deb$/& deb-src/' /etc/apt/sources.list.d/*.sources || sed -i 'p;s/^deb /deb-src /' /etc/apt/sources.list
RUN apt-get update
RUN apt-get install -y gcc make libpcre2-dev zlib1g-dev
RUN apt-get source --download-only nginx
RUN mkdir /src && tar -C /src --strip-components=1 -xf nginx_*.orig.tar.gz
WORKDIR /src
RUN ./configure --prefix=/opt/nginx
RUN make -j2
RUN make install
COPY index.html /opt/nginx/html/
RUN rm -rf /src /nginx_* && apt-get purge -y gcc make libpcre2-dev zlib1g-dev && apt-get autoremove -y
RUN rm -rf /var/lib/apt/lists/* && apt-get clean
EXPOSE 80
STOPSIGNAL SIGQUIT
CMD ["/opt/nginx/sbin/nginx", "-g", "daemon off;"]
