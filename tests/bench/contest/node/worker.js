// @node-saml/node-saml on the answers of a folder. See ../contestant.py for what a worker says.
//
// Knows nothing of the product. Its clock is set to the moment of the answers; nothing else is changed.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const readline = require("node:readline");

const folder = process.argv[2];
const AT = Date.parse("2026-03-03T09:41:52Z");
const SP = "https://sso.ringline.example/saml/c7f3k2m9q4";
const RealDate = Date;
global.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length ? given : [AT]));
  }
  static now() {
    return AT;
  }
};
const { SAML } = require("@node-saml/node-saml");

const text = (name) => fs.readFileSync(path.join(folder, name), "utf8");
const saml = new SAML({
  callbackUrl: SP + "/acs",
  entryPoint: "https://acme.okta.example/sso/saml",
  issuer: SP,
  audience: SP,
  idpIssuer: "http://www.okta.com/exk8r2w6tLq1ZbN5d7",
  idpCert: text("idp.crt"),
  decryptionPvk: text("sp.key"),
  wantAssertionsSigned: true,
  wantAuthnResponseSigned: false,
  validateInResponseTo: "always",
  // The request that is open, without the wait of a timer.
  cacheProvider: {
    saveAsync: async () => null,
    getAsync: async () => new Date(AT).toISOString(),
    removeAsync: async () => null,
  },
});

async function main() {
  console.log("ready");
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [name, times] = line.split(" ");
    const answer = { SAMLResponse: text(name + ".b64") };
    const began = process.cpuUsage();
    for (let done = 0; done < Number(times); done++) {
      const { profile } = await saml.validatePostResponseAsync(answer);
      if (profile.nameID !== "dana.whitfield@acme.example") throw new Error("another person");
    }
    const spent = process.cpuUsage(began);
    console.log((spent.user + spent.system) / 1e6);
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
