/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the numbers of GnuTLS and the alerts of the server (RFC 5246 §7.2, RFC 4279 §2, RFC 6066 §9) mean to a client
 * with a pre-shared key.
 */

#include "net/psk-tls-private.h"

/* clang-format off */
G_DEFINE_QUARK (ea-psk-tls-error-quark, ea_psk_tls_error)
/* clang-format on */

#define ALERT_BAD_RECORD_MAC 20
#define ALERT_DECRYPTION_FAILED 21
#define ALERT_HANDSHAKE_FAILURE 40
#define ALERT_DECRYPT_ERROR 51
#define ALERT_PROTOCOL_VERSION 70
#define ALERT_INSUFFICIENT_SECURITY 71
#define ALERT_UNKNOWN_PSK_IDENTITY 115

/* The registry of TLS alerts at IANA */
static const struct
{
  guint number;
  const char *name;
} alerts[] = {
  { 0, "close_notify" },
  { 10, "unexpected_message" },
  { ALERT_BAD_RECORD_MAC, "bad_record_mac" },
  { ALERT_DECRYPTION_FAILED, "decryption_failed_RESERVED" },
  { 22, "record_overflow" },
  { 30, "decompression_failure_RESERVED" },
  { ALERT_HANDSHAKE_FAILURE, "handshake_failure" },
  { 41, "no_certificate_RESERVED" },
  { 42, "bad_certificate" },
  { 43, "unsupported_certificate" },
  { 44, "certificate_revoked" },
  { 45, "certificate_expired" },
  { 46, "certificate_unknown" },
  { 47, "illegal_parameter" },
  { 48, "unknown_ca" },
  { 49, "access_denied" },
  { 50, "decode_error" },
  { ALERT_DECRYPT_ERROR, "decrypt_error" },
  { 60, "export_restriction_RESERVED" },
  { ALERT_PROTOCOL_VERSION, "protocol_version" },
  { ALERT_INSUFFICIENT_SECURITY, "insufficient_security" },
  { 80, "internal_error" },
  { 86, "inappropriate_fallback" },
  { 90, "user_canceled" },
  { 100, "no_renegotiation_RESERVED" },
  { 109, "missing_extension" },
  { 110, "unsupported_extension" },
  { 111, "certificate_unobtainable_RESERVED" },
  { 112, "unrecognized_name" },
  { 113, "bad_certificate_status_response" },
  { 114, "bad_certificate_hash_value_RESERVED" },
  { ALERT_UNKNOWN_PSK_IDENTITY, "unknown_psk_identity" },
  { 116, "certificate_required" },
  { 120, "no_application_protocol" },
};

/* (transfer full) */
static char *
name_alert (guint number)
{
  for (gsize i = 0; i < G_N_ELEMENTS (alerts); i++)
    if (alerts[i].number == number)
      return g_strdup (alerts[i].name);
  return g_strdup_printf ("%u", number);
}

/* What an alert means that answers a handshake; %NULL: what it says */
static const char *
explain_alert (guint number, EaPskTlsError *code)
{
  switch (number)
    {
    case ALERT_UNKNOWN_PSK_IDENTITY:
      *code = EA_PSK_TLS_ERROR_IDENTITY_REFUSED;
      return "The server does not know the PSK identity";
    case ALERT_DECRYPT_ERROR:
    case ALERT_BAD_RECORD_MAC:
    case ALERT_DECRYPTION_FAILED:
      *code = EA_PSK_TLS_ERROR_KEY_REFUSED;
      return "The server has another PSK for this identity";
    case ALERT_HANDSHAKE_FAILURE:
    case ALERT_INSUFFICIENT_SECURITY:
      *code = EA_PSK_TLS_ERROR_NO_COMMON_SUITE;
      return "The server has none of the cipher suites";
    case ALERT_PROTOCOL_VERSION:
      *code = EA_PSK_TLS_ERROR_VERSION;
      return "The server does not speak TLS 1.2";
    default:
      *code = EA_PSK_TLS_ERROR_ALERT;
      return NULL;
    }
}

static GError *
new_alert_error (guint number, gboolean in_handshake)
{
  g_autofree char *name = name_alert (number);
  EaPskTlsError code = EA_PSK_TLS_ERROR_ALERT;
  const char *meaning = in_handshake ? explain_alert (number, &code) : NULL;

  if (meaning == NULL)
    meaning = in_handshake ? "The server broke off the handshake" : "The server broke off";
  return g_error_new (EA_PSK_TLS_ERROR, (int) code, "%s (alert %s)", meaning, name);
}

GError *
ea_psk_tls_new_error (EaPskTls *self, int result)
{
  gboolean in_handshake = self->state == EA_PSK_TLS_STATE_HANDSHAKING;

  switch (result)
    {
    case GNUTLS_E_FATAL_ALERT_RECEIVED:
    case GNUTLS_E_SESSION_EOF:
      return new_alert_error (gnutls_alert_get (self->engine), in_handshake);
    case GNUTLS_E_WARNING_ALERT_RECEIVED:
      return g_error_new_literal (EA_PSK_TLS_ERROR, EA_PSK_TLS_ERROR_PROTOCOL,
                                  "The server sends nothing but warnings");
    case GNUTLS_E_UNSUPPORTED_VERSION_PACKET:
      return g_error_new_literal (EA_PSK_TLS_ERROR, EA_PSK_TLS_ERROR_VERSION,
                                  "The server does not speak TLS 1.2");
    case GNUTLS_E_UNKNOWN_CIPHER_SUITE:
      return g_error_new_literal (EA_PSK_TLS_ERROR, EA_PSK_TLS_ERROR_NO_COMMON_SUITE,
                                  "The server chose a cipher suite that was not offered");
    case GNUTLS_E_DECRYPTION_FAILED:
    case GNUTLS_E_ERROR_IN_FINISHED_PACKET:
      if (in_handshake)
        return g_error_new_literal (EA_PSK_TLS_ERROR, EA_PSK_TLS_ERROR_KEY_REFUSED,
                                    "The server has another PSK for this identity");
      return g_error_new_literal (EA_PSK_TLS_ERROR, EA_PSK_TLS_ERROR_PROTOCOL,
                                  "A record was changed on its way");
    case GNUTLS_E_MEMORY_ERROR:
    case GNUTLS_E_INTERNAL_ERROR:
    case GNUTLS_E_RANDOM_FAILED:
    case GNUTLS_E_ENCRYPTION_FAILED:
    case GNUTLS_E_RECORD_LIMIT_REACHED:
    case GNUTLS_E_NO_PRIORITIES_WERE_SET:
      return g_error_new (EA_PSK_TLS_ERROR, EA_PSK_TLS_ERROR_FAILED, "TLS failed: %s",
                          gnutls_strerror (result));
    default:
      return g_error_new (EA_PSK_TLS_ERROR, EA_PSK_TLS_ERROR_PROTOCOL,
                          "The server does not keep to TLS: %s", gnutls_strerror (result));
    }
}
