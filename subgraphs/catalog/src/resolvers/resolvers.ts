import type { Resolvers } from '../generated/resolver-types.ts';
import { ContentItem } from './content-item.ts';
import { Course } from './course.ts';
import { Module } from './module.ts';
import { Mutation } from './mutation.ts';
import { Query } from './query.ts';

/** All resolvers of schema.graphql. */
export const resolvers: Resolvers = { Query, Mutation, Course, Module, ContentItem };
