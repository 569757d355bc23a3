/** A gateway that is killed while it applies what a party sent: run with the database's address; prints its own. */
import { neighbour, startCallbackGateway } from './callback-gateway.js';

const gateway = await startCallbackGateway(process.argv[2] ?? '', neighbour(() => {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
}));
console.log(gateway.url);
