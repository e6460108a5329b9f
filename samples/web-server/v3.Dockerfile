# Third try: compile in one stage, copy only the result into the next. The compiler never reaches the image.
ARG DEBIAN=debian:bookworm
FROM ${DEBIAN} AS build
RUN sed -i 's/^Types: deb$/& deb-src/' /etc/apt/sources.list.d/*.sources || sed -i 'p;s/^deb /deb-src /' /etc/apt/sources.list
RUN apt-get update && apt-get install -y gcc make libpcre2-dev zlib1g-dev
RUN apt-get source --download-only nginx && mkdir /src && tar -C /src --strip-components=1 -xf nginx_*.orig.tar.gz
WORKDIR /src
RUN ./configure --prefix=/opt/nginx && make -j2 && make install

FROM ${DEBIAN}
COPY --from=build /opt/nginx /opt/nginx
COPY index.html /opt/nginx/html/
EXPOSE 80
STOPSIGNAL SIGQUIT
CMD ["/opt/nginx/sbin/nginx", "-g", "daemon off;"]
