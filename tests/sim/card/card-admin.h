/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "card-trigger.h"
#include "core/bytes.h"

/*
 * The administration session of the ISD-R: TLS-PSK client and the loop of POST requests of
 * GlobalPlatform Amendment B §3.4. Octets of the channel go in and out, scripts come out and their
 * responses go in.
 */

typedef enum
{
  SIM_ADMIN_RUNNING,
  SIM_ADMIN_ENDED, /* as it should; close_notify may wait to be pulled */
  SIM_ADMIN_FAILED,
} SimAdminState;

/* One request; what a session that broke has to begin with when it is resumed */
typedef struct
{
  char *uri;
  GBytes *body;              /* response script; NULL: none */
  const char *status;        /* X-Admin-Script-Status; NULL: none */
  gboolean is_to_be_resumed; /* with X-Admin-Resume */
} SimAdminPost;

void sim_admin_post_clear (SimAdminPost *post);

typedef struct _SimAdmin SimAdmin;

/* (transfer full): @post is copied, @parameters are borrowed for as long as the session lives. */
SimAdmin *sim_admin_new (const SimAdminParameters *parameters, const SimAdminPost *post);
void sim_admin_free (SimAdmin *admin);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimAdmin, sim_admin_free)

void sim_admin_receive (SimAdmin *admin, EaSpan bytes);

/* (transfer full) (nullable): at most @max octets for the channel */
GBytes *sim_admin_pull (SimAdmin *admin, gsize max);

/**
 * sim_admin_pull_script:
 * @application: (out) (transfer full) (nullable): value of X-Admin-Targeted-Application
 *
 * Returns: (transfer full) (nullable): a script to be executed, to which sim_admin_answer() is due
 */
GBytes *sim_admin_pull_script (SimAdmin *admin, char **application);

/* @status: "ok" or why the script was not executed; @response: its response script, or NULL */
void sim_admin_answer (SimAdmin *admin, const char *status, GBytes *response);

SimAdminState sim_admin_get_state (const SimAdmin *admin);

/* (transfer none): the request that was not answered, or the last one */
const SimAdminPost *sim_admin_get_post (const SimAdmin *admin);

/* Whether the server may know of the session: a request went out, here or before it broke */
gboolean sim_admin_has_posted (const SimAdmin *admin);
