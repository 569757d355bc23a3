import pg from 'pg';

/** Gives a role what the gateway needs: everything but to change evidence. Run by the owner of the tables. */
export const grantGatewayRole = async (databaseUrl: string, role: string): Promise<void> => {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'onestop-migrate' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('SELECT grant_gateway_role($1)', [role]);
  } finally {
    await client.end();
  }
};
