/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"
#include "sim-http-answer.h"
#include "sim-http.h"
#include "smsr-notification.h"

/*
 * The HTTP of one administration session (GlobalPlatform Amendment B §3.4 to §3.6), the server's side:
 * what a POST says, and the answers. No two request targets are alike. A session that
 * broke is resumed over another connection: a POST that was answered gets the same answer again.
 */

typedef struct _SimSmsrAdmin SimSmsrAdmin;

/* One POST; borrows from the request */
typedef struct
{
  gboolean is_first;    /* a session begins */
  gboolean is_resumed;  /* the connection goes on with a session that broke */
  gboolean is_repeated; /* the answer built last is its answer, too; the rest is not there */
  const char *status;   /* X-Admin-Script-Status; NULL: not there */
  EaSpan script;        /* the response script; empty: none */
  gboolean has_notification;
  SimSmsrNotification notification;
} SimSmsrPost;

SimSmsrAdmin *sim_smsr_admin_new (const char *eid);
void sim_smsr_admin_free (SimSmsrAdmin *admin);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimSmsrAdmin, sim_smsr_admin_free)

/* Another operation begins: there is no session that could be resumed. */
void sim_smsr_admin_reset (SimSmsrAdmin *admin);

/* The ISD-P that a notification of success has to name until one is confirmed; empty: any */
void sim_smsr_admin_expect (SimSmsrAdmin *admin, EaSpan aid);

/* The value that the field Host of a session's first POST has to have, alone or with a port behind it; (nullable):
 * NULL: any */
void sim_smsr_admin_expect_host (SimSmsrAdmin *admin, const char *host);

/* The notification with this number is confirmed: later ones have higher numbers. */
void sim_smsr_admin_confirm (SimSmsrAdmin *admin, guint16 sequence);

/* A connection is there: the next POST begins a session or resumes the one before. */
void sim_smsr_admin_begin (SimSmsrAdmin *admin);

/**
 * sim_smsr_admin_take:
 *
 * Errors: EA_CORE_ERROR_MALFORMED: no POST, another target than the one given, fields that are missing
 * or wrong, a POST that is repeated with another body, a notification that can't be read, is another eUICC's or ISD-P's, or an old one. EA_CORE_ERROR_REPLAY: a session
 * is resumed that is not of this operation.
 */
gboolean sim_smsr_admin_take (SimSmsrAdmin *admin, const SimHttpMessage *request, SimSmsrPost *post,
                              GError **error);

/* (transfer full): 200 with a script; @target: AID of an ISD-P, empty: the ISD-R, which is only named where the
 * session speaks the protocol of devices (globalplatform-remote-admin/1.1.1) */
SimHttpAnswer *sim_smsr_admin_build_script (SimSmsrAdmin *admin, EaSpan target, EaSpan script);

/* (transfer full): the same without a target for the response: it is not wanted, and the session is over */
SimHttpAnswer *sim_smsr_admin_build_last_script (SimSmsrAdmin *admin, EaSpan target, EaSpan script);

/* (transfer full): 204 with a target: there is nothing to be done now, but perhaps later */
SimHttpAnswer *sim_smsr_admin_build_pause (SimSmsrAdmin *admin);

/* (transfer full): 204: nothing more is to be done */
SimHttpAnswer *sim_smsr_admin_build_end (SimSmsrAdmin *admin);

/* (transfer full): the answer built last, again */
SimHttpAnswer *sim_smsr_admin_repeat (const SimSmsrAdmin *admin);

/* TRUE after the 204 that ends a session */
gboolean sim_smsr_admin_is_over (const SimSmsrAdmin *admin);

/* (transfer full): 400 */
SimHttpAnswer *sim_smsr_admin_build_refusal (const SimSmsrAdmin *admin);
