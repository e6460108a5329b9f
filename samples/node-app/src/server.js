const { createServer } = require('node:http');
const greeting = require('greeting');

createServer((_, response) => response.end(`${greeting('layers')}\n`)).listen(process.env.PORT ?? 3000);
