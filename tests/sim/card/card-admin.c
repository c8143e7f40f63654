/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Administration over HTTP on the card's side. X-Admin-Next-URI is a string that goes back as it
 * came. Scripts are taken whatever their content type says.
 */

#include "card-admin.h"

#include <string.h>

#include "sim-http.h"
#include "sim-keys.h"
#include "sim-tls.h"

/* Octets of a record that fit the card's memory */
#define RECORD_MAX 512

#define STATUS_OK 200
#define STATUS_NO_CONTENT 204
#define FIELDS_MAX 8

struct _SimAdmin
{
  const SimAdminParameters *parameters;
  SimAdminState state;
  SimTls *tls;
  SimHttpReader *reader;
  SimAdminPost post;
  gboolean is_post_due;
  gboolean has_posted; /* a request of this session went out */
  GBytes *script;
  char *application;
  char *next_uri; /* where the response to the script goes; NULL: nowhere */
};

void
sim_admin_post_clear (SimAdminPost *post)
{
  g_clear_pointer (&post->uri, g_free);
  g_clear_pointer (&post->body, g_bytes_unref);
}

static void
post_later (SimAdmin *admin, const char *uri, const char *status, GBytes *body)
{
  SimAdminPost post = { .uri = g_strdup (uri),
                        .body = body == NULL ? NULL : g_bytes_ref (body),
                        .status = status };

  sim_admin_post_clear (&admin->post);
  admin->post = post;
  admin->is_post_due = TRUE;
}

static void
send_post (SimAdmin *admin)
{
  const SimAdminPost *post = &admin->post;
  g_autofree char *host = g_strconcat ("Host: ", admin->parameters->host, NULL);
  g_autofree char *from = g_strconcat ("X-Admin-From: ", admin->parameters->agent, NULL);
  g_autofree char *status = g_strconcat ("X-Admin-Script-Status: ", post->status, NULL);
  const char *fields[FIELDS_MAX]
      = { host, "X-Admin-Protocol: globalplatform-remote-admin/1.0", from };
  g_autoptr (GBytes) request = NULL;
  gsize n = 3;

  if (post->is_to_be_resumed)
    fields[n++] = "X-Admin-Resume: true";
  if (post->status != NULL)
    fields[n++] = status;
  if (post->body != NULL)
    fields[n++]
        = "Content-Type: application/vnd.globalplatform.card-content-mgt-response;version=1.0";
  request = sim_http_build_request ("POST", post->uri, fields, post->body, TRUE);
  admin->is_post_due = FALSE;
  admin->has_posted = TRUE;
  if (!sim_tls_send (admin->tls, ea_span_from_bytes (request), NULL))
    admin->state = SIM_ADMIN_FAILED;
}

SimAdmin *
sim_admin_new (const SimAdminParameters *parameters, const SimAdminPost *post)
{
  SimAdmin *admin = g_new0 (SimAdmin, 1);

  admin->parameters = parameters;
  admin->tls = sim_tls_new_client (
      ea_span_init (parameters->identity, strlen (parameters->identity)), sim_keys_psk, RECORD_MAX);
  admin->reader = sim_http_reader_new (FALSE);
  post_later (admin, post->uri, post->status, post->body);
  admin->post.is_to_be_resumed = post->is_to_be_resumed;
  admin->has_posted = post->is_to_be_resumed;
  return admin;
}

void
sim_admin_free (SimAdmin *admin)
{
  if (admin == NULL)
    return;
  sim_tls_free (admin->tls);
  sim_http_reader_free (admin->reader);
  sim_admin_post_clear (&admin->post);
  g_clear_pointer (&admin->script, g_bytes_unref);
  g_free (admin->application);
  g_free (admin->next_uri);
  g_free (admin);
}

static void
end (SimAdmin *admin)
{
  sim_tls_close (admin->tls);
  admin->state = SIM_ADMIN_ENDED;
}

static void
take_script (SimAdmin *admin, const SimHttpMessage *message, const char *next_uri)
{
  admin->script = g_bytes_ref (message->body);
  admin->application
      = g_strdup (sim_http_message_get_field (message, "x-admin-targeted-application"));
  g_free (admin->next_uri);
  admin->next_uri = g_strdup (next_uri);
}

static void
take_message (SimAdmin *admin, const SimHttpMessage *message)
{
  const char *next_uri = sim_http_message_get_field (message, "x-admin-next-uri");

  if (message->status == STATUS_OK && admin->script == NULL)
    take_script (admin, message, next_uri);
  else if (message->status == STATUS_NO_CONTENT && next_uri != NULL)
    post_later (admin, next_uri, NULL, NULL);
  else if (message->status == STATUS_NO_CONTENT)
    end (admin);
  else
    admin->state = SIM_ADMIN_FAILED;
}

static void
take_messages (SimAdmin *admin)
{
  SimHttpMessage *message;

  while (admin->state == SIM_ADMIN_RUNNING
         && (message = sim_http_reader_pull (admin->reader)) != NULL)
    {
      take_message (admin, message);
      sim_http_message_free (message);
    }
}

void
sim_admin_receive (SimAdmin *admin, EaSpan bytes)
{
  GBytes *plain;

  if (admin->state != SIM_ADMIN_RUNNING)
    return;
  sim_tls_receive (admin->tls, bytes);
  while ((plain = sim_tls_read (admin->tls, NULL)) != NULL)
    {
      if (!sim_http_reader_feed (admin->reader, ea_span_from_bytes (plain), NULL))
        admin->state = SIM_ADMIN_FAILED;
      g_bytes_unref (plain);
    }
  take_messages (admin);
  if (admin->state == SIM_ADMIN_RUNNING
      && (sim_tls_get_error (admin->tls) != NULL || sim_tls_has_peer_closed (admin->tls)))
    admin->state = SIM_ADMIN_FAILED;
}

GBytes *
sim_admin_pull (SimAdmin *admin, gsize max)
{
  if (admin->state == SIM_ADMIN_RUNNING && admin->is_post_due && sim_tls_is_open (admin->tls))
    send_post (admin);
  return sim_tls_pull (admin->tls, max);
}

GBytes *
sim_admin_pull_script (SimAdmin *admin, char **application)
{
  if (admin->state != SIM_ADMIN_RUNNING || admin->script == NULL)
    return NULL;
  *application = g_steal_pointer (&admin->application);
  return g_steal_pointer (&admin->script);
}

void
sim_admin_answer (SimAdmin *admin, const char *status, GBytes *response)
{
  if (admin->next_uri == NULL)
    end (admin);
  else
    post_later (admin, admin->next_uri, status, response);
}

SimAdminState
sim_admin_get_state (const SimAdmin *admin)
{
  return admin->state;
}

const SimAdminPost *
sim_admin_get_post (const SimAdmin *admin)
{
  return &admin->post;
}

gboolean
sim_admin_has_posted (const SimAdmin *admin)
{
  return admin->has_posted;
}
