/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "smsr-admin.h"

#include <string.h>

#include "core/error.h"
#include "smsr-trigger.h"

#define FIELD_PROTOCOL "X-Admin-Protocol"
#define PROTOCOL "globalplatform-remote-admin/1.0"
#define PROTOCOL_OF_DEVICES "globalplatform-remote-admin/1.1.1"
#define COMMAND_TYPE "application/vnd.globalplatform.card-content-mgt;version=1.0"
#define RESPONSE_TYPE "application/vnd.globalplatform.card-content-mgt-response;version=1.0"
#define NOTIFICATION_QUERY SIM_SMSR_ADMIN_URI "?msg="
#define STATUS_OK 200
#define STATUS_NO_CONTENT 204
#define STATUS_BAD_REQUEST 400
/* Octets of the AID that are the registered application provider's */
#define RID_SIZE 5

static const guint8 isd_r[] = { 0xA0, 0x00, 0x00, 0x05, 0x59, 0x10, 0x10, 0xFF,
                                0xFF, 0xFF, 0xFF, 0x89, 0x00, 0x00, 0x01, 0x00 };

struct _SimSmsrAdmin
{
  char *eid;
  char *agent;
  gboolean is_connection_new;
  guint n_connections; /* of this operation */
  gboolean is_device;  /* the session speaks PROTOCOL_OF_DEVICES */
  char *last_uri;      /* of the POST answered last; NULL: none yet */
  GBytes *last_body;   /* of the same */
  char *next_uri;      /* NULL: the session is over */
  SimHttpAnswer *last_answer;
  guint n_answers;
  char *host;        /* NULL: any */
  GBytes *expected;  /* AID of the ISD-P that is to be notified; NULL: any */
  guint n_confirmed; /* number of the notification confirmed last */
};

SimSmsrAdmin *
sim_smsr_admin_new (const char *eid)
{
  SimSmsrAdmin *admin = g_new0 (SimSmsrAdmin, 1);

  admin->eid = g_strdup (eid);
  admin->agent = sim_smsr_build_agent_identifier (eid);
  return admin;
}

void
sim_smsr_admin_free (SimSmsrAdmin *admin)
{
  if (admin == NULL)
    return;
  g_free (admin->last_uri);
  g_clear_pointer (&admin->last_body, g_bytes_unref);
  g_free (admin->next_uri);
  g_free (admin->host);
  g_clear_pointer (&admin->last_answer, sim_http_answer_free);
  g_clear_pointer (&admin->expected, g_bytes_unref);
  g_free (admin->agent);
  g_free (admin->eid);
  g_free (admin);
}

void
sim_smsr_admin_reset (SimSmsrAdmin *admin)
{
  admin->is_connection_new = FALSE;
  admin->n_connections = 0;
  g_clear_pointer (&admin->last_uri, g_free);
  g_clear_pointer (&admin->last_body, g_bytes_unref);
  g_clear_pointer (&admin->next_uri, g_free);
  g_clear_pointer (&admin->last_answer, sim_http_answer_free);
  g_clear_pointer (&admin->expected, g_bytes_unref);
  g_clear_pointer (&admin->host, g_free);
}

void
sim_smsr_admin_expect_host (SimSmsrAdmin *admin, const char *host)
{
  g_free (admin->host);
  admin->host = g_strdup (host);
}

void
sim_smsr_admin_expect (SimSmsrAdmin *admin, EaSpan aid)
{
  g_clear_pointer (&admin->expected, g_bytes_unref);
  if (aid.size > 0)
    admin->expected = ea_span_to_bytes (aid);
}

void
sim_smsr_admin_confirm (SimSmsrAdmin *admin, guint16 sequence)
{
  admin->n_confirmed = sequence;
  g_clear_pointer (&admin->expected, g_bytes_unref);
}

void
sim_smsr_admin_begin (SimSmsrAdmin *admin)
{
  admin->is_connection_new = TRUE;
  admin->n_connections++;
}

/* @format has two %s: what came, and what was wanted. */
static gboolean
set_wrong (GError **error, const char *format, const char *found, const char *wanted)
{
  g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED, format, found == NULL ? "" : found,
               wanted);
  return FALSE;
}

static gboolean
check_field (const SimHttpMessage *request, const char *name, const char *wanted, GError **error)
{
  const char *value = sim_http_message_get_field (request, name);

  if (g_strcmp0 (value, wanted) == 0)
    return TRUE;
  g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED, "%s is '%s', not '%s'", name,
               value == NULL ? "" : value, wanted);
  return FALSE;
}

static gboolean
check_first_target (const char *target, GError **error)
{
  return g_str_equal (target, SIM_SMSR_ADMIN_URI) || g_str_has_prefix (target, NOTIFICATION_QUERY)
         || set_wrong (error, "POST to '%s', not to '%s'", target, SIM_SMSR_ADMIN_URI);
}

static gboolean
check_next_target (const SimSmsrAdmin *admin, const char *target, GError **error)
{
  if (admin->next_uri == NULL)
    return set_wrong (error, "POST to '%s' %s", target, "after the session's end");
  return g_str_equal (target, admin->next_uri)
         || set_wrong (error, "POST to '%s', not to '%s'", target, admin->next_uri);
}

/* The first POST of this operation may have been lost with its connection; before that there was
 * nothing that could be resumed, and nobody has another target from it. */
static gboolean
check_resume (SimSmsrAdmin *admin, const char *target, gboolean wants_resume, GError **error)
{
  if (!wants_resume || admin->last_uri != NULL
      || (admin->n_connections > 1 && check_first_target (target, NULL)))
    return TRUE;
  admin->n_connections = 0;
  g_set_error_literal (error, EA_CORE_ERROR, EA_CORE_ERROR_REPLAY,
                       "The eUICC resumes a session that is not of this operation");
  return FALSE;
}

static gboolean
check_target (SimSmsrAdmin *admin, const SimHttpMessage *request, SimSmsrPost *post, GError **error)
{
  const char *resume = sim_http_message_get_field (request, "x-admin-resume");
  gboolean wants_resume = admin->is_connection_new && g_strcmp0 (resume, "true") == 0;
  gboolean is_resumed = wants_resume && admin->last_uri != NULL;

  if (!check_resume (admin, request->target, wants_resume, error))
    return FALSE;
  post->is_resumed = wants_resume;
  post->is_repeated = is_resumed && g_str_equal (request->target, admin->last_uri);
  post->is_first = admin->is_connection_new && !is_resumed;
  admin->is_connection_new = FALSE;
  if (post->is_repeated)
    return g_bytes_equal (request->body, admin->last_body)
           || set_wrong (error, "The POST to '%s' is repeated with another %s", request->target,
                         "body");
  return post->is_first ? check_first_target (request->target, error)
                        : check_next_target (admin, request->target, error);
}

static gboolean
check_host (const SimSmsrAdmin *admin, const SimHttpMessage *request, GError **error)
{
  const char *value = sim_http_message_get_field (request, "host");
  g_autofree char *with_colon = g_strconcat (admin->host, ":", NULL);

  return admin->host == NULL || (value != NULL && g_str_has_prefix (value, with_colon))
         || check_field (request, "host", admin->host, error);
}

static gboolean
check_protocol (SimSmsrAdmin *admin, const SimHttpMessage *request, GError **error)
{
  const char *value = sim_http_message_get_field (request, "x-admin-protocol");

  admin->is_device = g_strcmp0 (value, PROTOCOL_OF_DEVICES) == 0;
  return admin->is_device || check_field (request, "x-admin-protocol", PROTOCOL, error);
}

static gboolean
check_fields (SimSmsrAdmin *admin, const SimHttpMessage *request, const SimSmsrPost *post,
              GError **error)
{
  gboolean has_body = g_bytes_get_size (request->body) > 0;

  return check_field (request, "x-admin-from", admin->agent, error)
         && (!post->is_first
             || (check_protocol (admin, request, error) && check_host (admin, request, error)))
         && (!has_body || check_field (request, "content-type", RESPONSE_TYPE, error));
}

/* §3.15.2: which ISD-P is enabled now; and a number that no notification had before */
static gboolean
check_notification (const SimSmsrAdmin *admin, const SimSmsrNotification *notification,
                    GError **error)
{
  g_autofree char *wanted = NULL;

  if (notification->sequence <= admin->n_confirmed)
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED,
                   "The notification has the number %u after %u", notification->sequence,
                   admin->n_confirmed);
      return FALSE;
    }
  if (admin->expected == NULL || notification->type != SIM_SMSR_NOTIFICATION_CHANGED)
    return TRUE;
  wanted = ea_span_to_hex (ea_span_from_bytes (admin->expected));
  return g_str_equal (wanted, notification->aid)
         || set_wrong (error, "The notification is of the ISD-P %s, not %s", notification->aid,
                       wanted);
}

static gboolean
take_notification (const SimSmsrAdmin *admin, const char *target, SimSmsrPost *post, GError **error)
{
  g_autoptr (GBytes) object = NULL;

  post->has_notification = g_str_has_prefix (target, NOTIFICATION_QUERY);
  if (!post->has_notification)
    return TRUE;
  object = ea_bytes_from_hex (target + strlen (NOTIFICATION_QUERY), NULL);
  if (object != NULL
      && sim_smsr_notification_read (&post->notification, ea_span_from_bytes (object), admin->eid))
    return check_notification (admin, &post->notification, error);
  return set_wrong (error, "'%s' is no notification of %s", target, admin->eid);
}

gboolean
sim_smsr_admin_take (SimSmsrAdmin *admin, const SimHttpMessage *request, SimSmsrPost *post,
                     GError **error)
{
  SimSmsrPost found = { 0 };

  if (!g_str_equal (request->method, "POST"))
    return set_wrong (error, "The method is %s, not %s", request->method, "POST");
  if (!check_target (admin, request, &found, error) || !check_fields (admin, request, &found, error)
      || (found.is_first && !take_notification (admin, request->target, &found, error)))
    return FALSE;
  g_free (admin->last_uri);
  admin->last_uri = g_strdup (request->target);
  g_clear_pointer (&admin->last_body, g_bytes_unref);
  admin->last_body = g_bytes_ref (request->body);
  found.status = sim_http_message_get_field (request, "x-admin-script-status");
  found.script = ea_span_from_bytes (request->body);
  *post = found;
  return TRUE;
}

/* Request targets are opaque: a client that decodes, normalises or sorts one does not come back. */
static char *
choose_next_uri (const SimSmsrAdmin *admin)
{
  guint number = admin->n_answers;
  guint token = g_str_hash (admin->eid) ^ number;

  switch (number % 3)
    {
    case 0:
      return g_strdup_printf ("/gsma/adminagent/%u/../next?a=%%41%%2fb&n=%u", token, number);
    case 1:
      return g_strdup_printf ("/gsma//%u.%u/;v=1?b=2&a=1&a=", token, number);
    default:
      return g_strdup_printf ("/s/%u?%u%%20+%%3F=/?/:@!$'()*,~", token, number);
    }
}

/* (transfer full): @answer, which is kept */
static SimHttpAnswer *
keep_answer (SimSmsrAdmin *admin, SimHttpAnswer *answer)
{
  g_clear_pointer (&admin->last_answer, sim_http_answer_free);
  admin->last_answer = sim_http_answer_copy (answer);
  return answer;
}

/* "//aid/A000000559/1010FFFFFFFF8900001100" */
static char *
build_application (EaSpan aid)
{
  g_autofree char *rid = ea_span_to_hex (ea_span_head (aid, RID_SIZE));
  g_autofree char *pix = ea_span_to_hex (ea_span_tail (aid, RID_SIZE));

  return g_strconcat ("//aid/", rid, "/", pix, NULL);
}

static void
add_protocol (const SimSmsrAdmin *admin, SimHttpAnswer *answer)
{
  sim_http_answer_add (answer, FIELD_PROTOCOL, admin->is_device ? PROTOCOL_OF_DEVICES : PROTOCOL);
}

static void
add_target (const SimSmsrAdmin *admin, SimHttpAnswer *answer, EaSpan aid)
{
  g_autofree char *application = build_application (aid.size > 0 ? aid : EA_SPAN_OF_ARRAY (isd_r));

  if (aid.size > 0 || admin->is_device)
    sim_http_answer_add (answer, "X-Admin-Targeted-Application", application);
}

/* (transfer full): with the target of the next POST */
static SimHttpAnswer *
begin_answer (SimSmsrAdmin *admin, guint status, EaSpan body)
{
  SimHttpAnswer *answer = sim_http_answer_new (status, body, admin->n_answers);

  g_free (admin->next_uri);
  admin->next_uri = choose_next_uri (admin);
  admin->n_answers++;
  add_protocol (admin, answer);
  sim_http_answer_add (answer, "X-Admin-Next-URI", admin->next_uri);
  return answer;
}

SimHttpAnswer *
sim_smsr_admin_build_script (SimSmsrAdmin *admin, EaSpan target, EaSpan script)
{
  SimHttpAnswer *answer = begin_answer (admin, STATUS_OK, script);

  add_target (admin, answer, target);
  sim_http_answer_add (answer, "Content-Type", COMMAND_TYPE);
  return keep_answer (admin, answer);
}

SimHttpAnswer *
sim_smsr_admin_build_last_script (SimSmsrAdmin *admin, EaSpan target, EaSpan script)
{
  SimHttpAnswer *answer = sim_http_answer_new (STATUS_OK, script, admin->n_answers);

  g_clear_pointer (&admin->next_uri, g_free);
  add_protocol (admin, answer);
  add_target (admin, answer, target);
  sim_http_answer_add (answer, "Content-Type", COMMAND_TYPE);
  return keep_answer (admin, answer);
}

SimHttpAnswer *
sim_smsr_admin_build_pause (SimSmsrAdmin *admin)
{
  return keep_answer (admin, begin_answer (admin, STATUS_NO_CONTENT, EA_SPAN_EMPTY));
}

static SimHttpAnswer *
build_bare (const SimSmsrAdmin *admin, guint status)
{
  SimHttpAnswer *answer = sim_http_answer_new (status, EA_SPAN_EMPTY, 0);

  add_protocol (admin, answer);
  return answer;
}

SimHttpAnswer *
sim_smsr_admin_build_end (SimSmsrAdmin *admin)
{
  g_clear_pointer (&admin->next_uri, g_free);
  return keep_answer (admin, build_bare (admin, STATUS_NO_CONTENT));
}

SimHttpAnswer *
sim_smsr_admin_repeat (const SimSmsrAdmin *admin)
{
  return sim_http_answer_copy (admin->last_answer);
}

gboolean
sim_smsr_admin_is_over (const SimSmsrAdmin *admin)
{
  return admin->next_uri == NULL;
}

SimHttpAnswer *
sim_smsr_admin_build_refusal (const SimSmsrAdmin *admin)
{
  return build_bare (admin, STATUS_BAD_REQUEST);
}
