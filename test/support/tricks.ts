import { baseImage } from './engines';
import type { TarFiles } from './tarOf';

/** Every trick a Dockerfile can play on a layer. Deterministic but for one file of random bytes. */
const dockerfile = `
FROM ${baseImage}
RUN ["/bin/sh", "-c", "mkdir -p /a/b/c /gone /opq/deep && head -c 40000 /dev/zero > /a/b/c/big && echo one > /a/one && echo x > /gone/x && echo y > /opq/deep/y && head -c 9000 /dev/zero > /twice && head -c 7000 /dev/zero > /linked && ln /linked /other && head -c 5000 /dev/zero > /kept && ln /kept /alias && mkdir /dir && echo z > /dir/z && echo f > /file"]
RUN ["/bin/sh", "-c", "rm -r /gone && rm -rf /opq && mkdir /opq && echo new > /opq/new && rm /linked /kept"]
RUN ["/bin/sh", "-c", "rm -rf /dir && echo now-a-file > /dir && rm /file && mkdir /file && echo in > /file/in"]
RUN ["/bin/sh", "-c", "chmod 600 /a/b/c/big && echo two > /a/one && head -c 9000 /dev/urandom > /twice"]
RUN ["/bin/sh", "-c", "true"]
RUN ["/bin/sh", "-c", "rm -rf /dir && mkdir /dir && echo again > /dir/again && ln -s /a/one /soft && mkfifo /pipe && ln /other /third"]
COPY long/ /long/
COPY same /s1
COPY same /s2
COPY same /s1
`;

/** The build context of an image with all of them. */
export const trickyContext: TarFiles = {
	Dockerfile: dockerfile,
	same: 'the same bytes'.repeat(100),
	[`long/${'n'.repeat(120)}/${'m'.repeat(120)}`]: 'a long name',
	'long/ünïcödé ⛴': 'PAX',
};
