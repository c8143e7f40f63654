/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The session of GnuTLS: what it may offer, where it gets the key from, and what came of it.
 *
 * Two extensions that SGP.02 does not know cannot be left out: signature_algorithms, without which GnuTLS speaks no
 * TLS 1.2, though no suite here has signatures, and record_size_limit (RFC 8449), which asks for the same as
 * max_fragment_length and goes before it where a server knows both.
 */

#include "net/psk-tls-private.h"

#include <errno.h>
#include <string.h>

/* A list that begins with NONE has to name what a pre-shared key does not need, too, or GnuTLS refuses it. */
#define PRIORITY "NONE:+VERS-TLS1.2:+PSK:+COMP-NULL:+SIGN-RSA-SHA256"
#define PRIORITY_SGP02 ":+AES-128-GCM:+AEAD:+AES-128-CBC:+SHA256"
#define PRIORITY_LEGACY ":+3DES-CBC:+NULL:+SHA1"
#define PRIORITY_NO_ETM ":%NO_ETM"
#define PRIORITY_NO_EMS ":%NO_SESSION_HASH"

/* The suites as they are known to those who configure servers */
static const struct
{
  const char *standard;
  const char *name;
} suites[] = {
  { "TLS_PSK_WITH_AES_128_GCM_SHA256", "PSK-AES128-GCM-SHA256" },
  { "TLS_PSK_WITH_AES_128_CBC_SHA256", "PSK-AES128-CBC-SHA256" },
  { "TLS_PSK_WITH_AES_128_CBC_SHA", "PSK-AES128-CBC-SHA" },
  { "TLS_PSK_WITH_3DES_EDE_CBC_SHA", "PSK-3DES-EDE-CBC-SHA" },
  { "TLS_PSK_WITH_NULL_SHA256", "PSK-NULL-SHA256" },
  { "TLS_PSK_WITH_NULL_SHA", "PSK-NULL-SHA" },
};

static const char *
name_suite (const char *standard)
{
  for (gsize i = 0; i < G_N_ELEMENTS (suites); i++)
    if (g_strcmp0 (suites[i].standard, standard) == 0)
      return suites[i].name;
  return standard;
}

/* Transport */

static gssize
on_push (gnutls_transport_ptr_t user_data, const void *data, size_t size)
{
  EaPskTls *self = user_data;

  g_byte_array_append (self->output, data, (guint) size);
  return (gssize) size;
}

static gssize
on_pull (gnutls_transport_ptr_t user_data, void *data, size_t size_max)
{
  EaPskTls *self = user_data;
  EaSpan rest = EA_SPAN_EMPTY;

  if (self->input != NULL)
    rest = ea_span_head (ea_span_tail (ea_span_from_bytes (self->input), self->input_offset),
                         size_max);
  if (rest.size == 0)
    {
      gnutls_transport_set_errno (self->engine, EAGAIN);
      return -1;
    }
  memcpy (data, rest.data, rest.size);
  self->input_offset += rest.size;
  if (self->input_offset == g_bytes_get_size (self->input))
    g_clear_pointer (&self->input, g_bytes_unref);
  return (gssize) rest.size;
}

/* GnuTLS wants it, but never waits on a session that doesn't block. */
static int
on_poll (gnutls_transport_ptr_t user_data, guint timeout_ms)
{
  return ((EaPskTls *) user_data)->input != NULL;
}

/* Credentials */

static gboolean
copy_to_datum (gnutls_datum_t *datum, EaSpan span)
{
  datum->data = gnutls_malloc (span.size);
  datum->size = (guint) span.size;
  if (datum->data != NULL)
    memcpy (datum->data, span.data, span.size);
  return datum->data != NULL;
}

/* GnuTLS overwrites the key before it frees it. */
static int
on_key_wanted (gnutls_session_t engine, gnutls_datum_t *identity, gnutls_datum_t *key)
{
  EaPskTls *self = gnutls_session_get_ptr (engine);

  if (!copy_to_datum (identity, self->options.identity))
    return GNUTLS_E_MEMORY_ERROR;
  if (copy_to_datum (key, self->options.psk))
    return GNUTLS_E_SUCCESS;
  gnutls_free (identity->data);
  return GNUTLS_E_MEMORY_ERROR;
}

static int
set_credentials (EaPskTls *self)
{
  int result = gnutls_psk_allocate_client_credentials (&self->credentials);

  if (result != GNUTLS_E_SUCCESS)
    return result;
  gnutls_psk_set_client_credentials_function2 (self->credentials, on_key_wanted);
  return gnutls_credentials_set (self->engine, GNUTLS_CRD_PSK, self->credentials);
}

/* Offers */

/* (transfer full) */
static char *
make_priority (const EaPskTlsOptions *options)
{
  return g_strconcat (PRIORITY, PRIORITY_SGP02,
                      options->suites == EA_PSK_TLS_SUITES_LEGACY ? PRIORITY_LEGACY : "",
                      options->preset != EA_PSK_TLS_STRICT ? PRIORITY_NO_ETM : "",
                      options->preset == EA_PSK_TLS_NO_ETM_NO_EMS ? PRIORITY_NO_EMS : "", NULL);
}

static int
start (EaPskTls *self)
{
  g_autofree char *priority = make_priority (&self->options);
  int result = gnutls_init (&self->engine, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_TICKETS);

  if (result == GNUTLS_E_SUCCESS)
    result = gnutls_priority_set_direct (self->engine, priority, NULL);
  if (result == GNUTLS_E_SUCCESS)
    result = set_credentials (self);
  if (result == GNUTLS_E_SUCCESS && self->options.max_fragment_length > 0)
    result = (int) gnutls_record_set_max_size (self->engine, self->options.max_fragment_length);
  return result;
}

gboolean
ea_psk_tls_start_engine (EaPskTls *self, GError **error)
{
  int result = start (self);

  if (result != GNUTLS_E_SUCCESS)
    {
      g_propagate_error (error, ea_psk_tls_new_error (self, result));
      return FALSE;
    }
  gnutls_handshake_set_timeout (self->engine, GNUTLS_INDEFINITE_TIMEOUT);
  gnutls_session_set_ptr (self->engine, self);
  gnutls_transport_set_ptr (self->engine, self);
  gnutls_transport_set_push_function (self->engine, on_push);
  gnutls_transport_set_pull_function (self->engine, on_pull);
  gnutls_transport_set_pull_timeout_function (self->engine, on_poll);
  return TRUE;
}

/* GnuTLS overwrites all that it derives from the master secret, but not that, which it shows where it is. */
static void
wipe_master_secret (gnutls_session_t engine)
{
  gnutls_datum_t secret;

  gnutls_session_get_master_secret (engine, &secret);
  gnutls_memset (secret.data, 0, secret.size);
}

void
ea_psk_tls_stop_engine (EaPskTls *self)
{
  if (self->engine != NULL)
    wipe_master_secret (self->engine);
  g_clear_pointer (&self->engine, gnutls_deinit);
  g_clear_pointer (&self->credentials, gnutls_psk_free_client_credentials);
}

void
ea_psk_tls_take_agreement (EaPskTls *self)
{
  guint wanted = self->options.max_fragment_length;
  gboolean is_limited = gnutls_record_get_max_size (self->engine) == wanted;
  g_autofree char *fragments = is_limited   ? g_strdup_printf (", fragments of %u", wanted)
                               : wanted > 0 ? g_strdup (", fragments of any size")
                                            : g_strdup ("");

  self->description = g_strconcat (
      "TLS1.2 ", name_suite (gnutls_ciphersuite_get (self->engine)),
      gnutls_session_ext_master_secret_status (self->engine) != 0 ? ", extended master secret" : "",
      gnutls_session_etm_status (self->engine) != 0 ? ", encrypt-then-MAC" : "", fragments, NULL);
  self->fragment_max = wanted > 0 ? wanted : EA_PSK_TLS_FRAGMENT_MAX;
  self->overhead = gnutls_record_overhead_size (self->engine);
}
