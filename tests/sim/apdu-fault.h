/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "port.h"

/*
 * What a test orders for the responses to APDUs on logical channels, which the card has executed in any
 * case: they come late, while everything else goes on, or not at all.
 */

typedef enum
{
  SIM_APDU_ANSWERED,
  SIM_APDU_LATE,
  SIM_APDU_LOST,
} SimApduFate;

typedef struct
{
  SimPort *port;
  guint slow_ms; /* 0: not slow */
  guint lost_in; /* the response to so many APDUs from now is lost; 0: none */
  GQueue held;   /* of a private type */
} SimApduFault;

/* @port: outlives the fault */
void sim_apdu_fault_init (SimApduFault *fault, SimPort *port);

/* What is held back is not sent any more: the modem is gone. */
void sim_apdu_fault_clear (SimApduFault *fault);

/* The card has executed one more APDU. */
SimApduFate sim_apdu_fault_take (SimApduFault *fault);

/* A QMUX frame whose time comes then */
void sim_apdu_fault_hold (SimApduFault *fault, GBytes *frame, guint late_ms);
