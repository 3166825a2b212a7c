/* The floor: what nobody who reads a signed answer can leave out, in C on libxml2 and libcrypto, and nothing besides.
 *
 * Base64, parse, (decrypt, parse,) exclusive canonicalization, SHA-256, RSA. No check of what the answer says, no list
 * of algorithms, no look at its structure: no service provider by far.
 *
 * Worker: "floor FOLDER" says "ready", then answers each line "NAME TIMES" with the seconds of processor time that
 * reading FOLDER/NAME.b64 so many times has taken. FOLDER/idp.pub and sp.key are the keys, in PEM.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#define PARSING (XML_PARSE_NONET | XML_PARSE_COMPACT | XML_PARSE_NOWARNING)
#define NONCE 12
#define TAG 16

static EVP_PKEY *their_key, *our_key;
static EVP_MD *sha256;
static EVP_CIPHER *aes_gcm;
static const char *folder;

static void fail(const char *why) {
  fprintf(stderr, "floor: %s\n", why);
  exit(1);
}

static FILE *opened(const char *name) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "rb");
  if (!file) fail(path);
  return file;
}

static char *contents(const char *name, long *length) {
  char file_name[256];
  snprintf(file_name, sizeof file_name, "%s.b64", name);
  FILE *file = opened(file_name);
  fseek(file, 0, SEEK_END);
  *length = ftell(file);
  rewind(file);
  char *text = malloc(*length + 1);
  if (fread(text, 1, *length, file) != (size_t)*length) fail("short read");
  text[*length] = 0;
  fclose(file);
  return text;
}

static unsigned char *decoded(const char *text, long length, int *size) {
  unsigned char *octets = malloc(length / 4 * 3 + 4);
  *size = EVP_DecodeBlock(octets, (const unsigned char *)text, length);
  if (*size < 0) fail("base64");
  while (length > 0 && text[length - 1] == '=') (*size)--, length--;
  return octets;
}

static unsigned char *decoded_text(xmlNodePtr node, int *size) {
  xmlChar *text = xmlNodeGetContent(node);
  unsigned char *octets = decoded((char *)text, strlen((char *)text), size);
  xmlFree(text);
  return octets;
}

static xmlDocPtr parsed(const void *octets, int size) {
  xmlDocPtr document = xmlReadMemory(octets, size, NULL, NULL, PARSING);
  if (!document) fail("parse");
  return document;
}

static xmlNodePtr child(xmlNodePtr parent, const char *name) {
  if (!parent) return NULL;
  for (xmlNodePtr node = parent->children; node; node = node->next)
    if (node->type == XML_ELEMENT_NODE && !strcmp((const char *)node->name, name)) return node;
  return NULL;
}

static int is_inside(void *root, xmlNodePtr node, xmlNodePtr parent) {
  if (node->type == XML_NAMESPACE_DECL || node->type == XML_ATTRIBUTE_NODE) node = parent;
  for (; node; node = node->parent)
    if (node == root) return 1;
  return 0;
}

static xmlBufferPtr canonical(xmlDocPtr document, xmlNodePtr root, xmlChar *prefix) {
  xmlChar *prefixes[2] = {prefix, NULL};
  xmlBufferPtr octets = xmlBufferCreateSize(16384);
  xmlOutputBufferPtr out = xmlOutputBufferCreateBuffer(octets, NULL);
  if (xmlC14NExecute(document, is_inside, root, XML_C14N_EXCLUSIVE_1_0, prefix ? prefixes : NULL, 0, out) < 0)
    fail("canonicalization");
  xmlOutputBufferClose(out);
  return octets;
}

static void check_value(xmlBufferPtr octets, const unsigned char *value, int size) {
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  if (EVP_DigestVerifyInit(context, NULL, sha256, NULL, their_key) != 1 ||
      EVP_DigestVerify(context, value, size, xmlBufferContent(octets), xmlBufferLength(octets)) != 1)
    fail("signature");
  EVP_MD_CTX_free(context);
}

static void check_digest(xmlBufferPtr octets, const unsigned char *expected, int size) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length;
  EVP_Digest(xmlBufferContent(octets), xmlBufferLength(octets), digest, &length, sha256, NULL);
  if (size != (int)length || memcmp(digest, expected, length)) fail("digest");
}

/* The signature in this element over this element. */
static void verify(xmlDocPtr document, xmlNodePtr element) {
  xmlNodePtr signature = child(element, "Signature"), info = child(signature, "SignedInfo");
  xmlNodePtr reference = child(info, "Reference"), transforms = child(reference, "Transforms");
  xmlChar *uri = xmlGetProp(reference, (xmlChar *)"URI"), *id = xmlGetProp(element, (xmlChar *)"ID"), *prefix = NULL;
  if (!uri || !id || strcmp((char *)uri + 1, (char *)id)) fail("reference");
  for (xmlNodePtr node = transforms->children; node; node = node->next)
    if (child(node, "InclusiveNamespaces"))
      prefix = xmlGetProp(child(node, "InclusiveNamespaces"), (xmlChar *)"PrefixList");
  int value_size, digest_size;
  unsigned char *value = decoded_text(child(signature, "SignatureValue"), &value_size);
  unsigned char *digest = decoded_text(child(reference, "DigestValue"), &digest_size);

  xmlUnlinkNode(signature);
  xmlDocPtr apart = xmlNewDoc(NULL);
  if (document->dict) {
    apart->dict = document->dict;
    xmlDictReference(apart->dict);
  }
  xmlDocSetRootElement(apart, signature);
  xmlBufferPtr octets = canonical(apart, info, NULL);
  check_value(octets, value, value_size);
  xmlBufferFree(octets);
  octets = canonical(document, element, prefix);
  check_digest(octets, digest, digest_size);
  xmlBufferFree(octets);

  free(value);
  free(digest);
  xmlFree(uri);
  xmlFree(id);
  if (prefix) xmlFree(prefix);
  xmlFreeDoc(apart);
}

/* AES-256-GCM, its key by RSA-OAEP. */
static void decrypt_and_verify(xmlNodePtr encrypted) {
  xmlNodePtr data = child(encrypted, "EncryptedData"), wrapped = child(child(data, "KeyInfo"), "EncryptedKey");
  int wrapped_size, size, written, last;
  unsigned char *wrapped_key = decoded_text(child(child(wrapped, "CipherData"), "CipherValue"), &wrapped_size);
  unsigned char *octets = decoded_text(child(child(data, "CipherData"), "CipherValue"), &size);
  unsigned char key[1024];
  size_t key_size = sizeof key;
  EVP_PKEY_CTX *transport = EVP_PKEY_CTX_new(our_key, NULL);
  if (EVP_PKEY_decrypt_init(transport) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(transport, RSA_PKCS1_OAEP_PADDING) != 1 ||
      EVP_PKEY_decrypt(transport, key, &key_size, wrapped_key, wrapped_size) != 1 || key_size != 32)
    fail("key transport");
  EVP_PKEY_CTX_free(transport);

  unsigned char *content = malloc(size);
  EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
  if (EVP_DecryptInit_ex(cipher, aes_gcm, NULL, key, octets) != 1 ||
      EVP_DecryptUpdate(cipher, content, &written, octets + NONCE, size - NONCE - TAG) != 1 ||
      EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, TAG, octets + size - TAG) != 1 ||
      EVP_DecryptFinal_ex(cipher, content + written, &last) != 1)
    fail("cipher");
  EVP_CIPHER_CTX_free(cipher);
  xmlDocPtr document = parsed(content, written + last);
  verify(document, xmlDocGetRootElement(document));
  xmlFreeDoc(document);
  free(wrapped_key);
  free(octets);
  free(content);
}

static void read_answer(const char *text, long length) {
  int size;
  unsigned char *octets = decoded(text, length, &size);
  xmlDocPtr document = parsed(octets, size);
  free(octets);
  xmlNodePtr response = xmlDocGetRootElement(document);
  xmlNodePtr assertion = child(response, "Assertion"), encrypted = child(response, "EncryptedAssertion");
  int is_signed = child(response, "Signature") != NULL;
  if (!is_signed && !child(assertion, "Signature") && !encrypted) fail("nothing is signed");
  if (is_signed) verify(document, response);
  if (child(assertion, "Signature")) verify(document, assertion);
  if (encrypted) decrypt_and_verify(encrypted);
  xmlFreeDoc(document);
}

static double processor_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

int main(int count, char **arguments) {
  if (count != 2) fail("usage: floor FOLDER");
  folder = arguments[1];
  FILE *file = opened("idp.pub");
  their_key = PEM_read_PUBKEY(file, NULL, NULL, NULL);
  fclose(file);
  file = opened("sp.key");
  our_key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
  fclose(file);
  sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
  aes_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
  if (!their_key || !our_key || !sha256 || !aes_gcm) fail("keys");
  xmlInitParser();
  puts("ready");
  fflush(stdout);

  char name[64];
  long times;
  while (scanf("%63s %ld", name, &times) == 2) {
    long length;
    char *text = contents(name, &length);
    double began = processor_seconds();
    for (long at = 0; at < times; at++) read_answer(text, length);
    printf("%.9f\n", processor_seconds() - began);
    fflush(stdout);
    free(text);
  }
  return 0;
}
