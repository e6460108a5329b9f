import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

export interface Certificate {
	/** Both PEM. */
	readonly key: string;
	readonly cert: string;
	/** What signs others in its name. */
	readonly issuer: { readonly name: Buffer; readonly key: KeyObject };
}

/**
 * A key and its certificate for `127.0.0.1`, made anew each time: none is kept in the repository. Signed by `by`, else by
 * itself; `hasEnded`: it was valid until yesterday.
 */
export function certificate(commonName: string, { by, hasEnded = false }: { readonly by?: Certificate; readonly hasEnded?: boolean } = {}): Certificate {
	const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	const ecdsaWithSha256 = sequence(objectId(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
	const name = sequence(set(sequence(objectId(0x55, 0x04, 0x03), tagged(0x0c, Buffer.from(commonName)))));
	const issuer = { name, key: privateKey };
	const signer = by?.issuer ?? issuer;
	const now = Date.now();
	const day = 24 * 60 * 60 * 1000;
	const subjectAltName = sequence(objectId(0x55, 0x1d, 0x11), tagged(0x04, sequence(tagged(0x87, Buffer.from([127, 0, 0, 1])))));
	const basicConstraints = sequence(objectId(0x55, 0x1d, 0x13), tagged(0x04, sequence(tagged(0x01, Buffer.from([0xff])))));
	const body = sequence(
		tagged(0xa0, tagged(0x02, Buffer.from([2]))),
		tagged(0x02, Buffer.from([1])),
		ecdsaWithSha256,
		signer.name,
		sequence(utcTime(now - 2 * day), utcTime(hasEnded ? now - day : now + day)),
		name,
		publicKey.export({ type: 'spki', format: 'der' }),
		tagged(0xa3, sequence(subjectAltName, basicConstraints)),
	);
	const signature = sign('sha256', body, signer.key);
	const der = sequence(body, ecdsaWithSha256, tagged(0x03, Buffer.concat([Buffer.from([0]), signature])));
	return {
		key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
		cert: `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
		issuer,
	};
}

/* DER (ITU-T X.690): a tag, a length, the content. */

function tagged(tag: number, content: Buffer): Buffer {
	const { length } = content;
	const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
	return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: Buffer[]): Buffer {
	return tagged(0x30, Buffer.concat(parts));
}

function set(...parts: Buffer[]): Buffer {
	return tagged(0x31, Buffer.concat(parts));
}

function objectId(...bytes: number[]): Buffer {
	return tagged(0x06, Buffer.from(bytes));
}

function utcTime(at: number): Buffer {
	return tagged(0x17, Buffer.from(`${new Date(at).toISOString().replace(/\D/g, '').slice(2, 14)}Z`));
}
