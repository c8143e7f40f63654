/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/client.h"

/*
 * What the agent says, as text for collectors of metrics: Prometheus' text format, version 0.0.4, and OpenMetrics 1.0. Both
 * have the same samples. They do not agree on what a counter is called where its type is told: for Prometheus it has the
 * name of its samples, "…_total", for OpenMetrics the name without that; and OpenMetrics has the type "info".
 */
typedef enum
{
  EA_METRICS_PROMETHEUS,
  EA_METRICS_OPENMETRICS,
} EaMetricsFormat;

/* Prints all of them, or, with an error, nothing; if what it prints to is full, a part, with an error. */
gboolean ea_metrics_print (EaClient *client, EaMetricsFormat format, GError **error);
