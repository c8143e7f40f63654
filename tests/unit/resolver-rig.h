/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "dns-server.h"
#include "net/resolver.h"
#include "wait.h"

/* What tests of the resolver share: a resolver, two servers that it is given, and answers that are waited for. */

#define NAME "smsr.example.com"
#define LONG_MS 20000 /* nothing takes so long */
#define SHORT_MS 400  /* that somebody is silent is seen after that */

typedef struct
{
  EaResolver *resolver;
  DnsServer *first;
  DnsServer *second; /* asked once rig_use_second() was called */
  GPtrArray *servers;
  EaResolverQuery query; /* NAME, both families, LONG_MS */
} Rig;

Rig *rig_new (void);
void rig_free (Rig *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Rig, rig_free)

void rig_use_second (Rig *self);

typedef struct
{
  guint n_done;
  GPtrArray *addresses;
  GError *error;
} Outcome;

Outcome *outcome_new (void);
void outcome_free (Outcome *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Outcome, outcome_free)

/* Asks; the outcome comes from the main loop. */
Outcome *rig_start (Rig *self, GCancellable *cancellable);

/* Asks and waits for the outcome. */
Outcome *rig_ask (Rig *self);

/* Asks and fails the test unless the answer is @addresses: all in order, with a space between. */
void rig_expect (Rig *self, const char *addresses);
void outcome_expect (Outcome *self, const char *addresses);

/* Asks and fails the test unless the answer is that error with that message. */
void rig_expect_error (Rig *self, EaResolverError code, const char *message);
void outcome_expect_error (Outcome *self, EaResolverError code, const char *message);
