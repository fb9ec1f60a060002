import type { DemoCourse } from '../course.ts';

export const dataLiteracy: DemoCourse = {
  title: 'Foundations of Data Literacy',
  slug: 'foundations-of-data-literacy',
  summary: 'Read tables, charts and averages with care, and say what a sample can and can’t tell you.',
  modules: [
    {
      title: 'What the numbers describe',
      items: [
        {
          type: 'PAGE',
          title: 'Populations, samples and what lies between',
          body: [
            'A **population** is everybody the question is about; a **sample** is those who were asked.',
            '',
            'Before you read a figure, write down three things: who was counted, who could have been but was not, and',
            'when. A survey of an evening class says little about people who work in the evening.',
            '',
            '> The size of a sample limits how *precise* an estimate is. How it was drawn limits how *true* it can be.',
          ].join('\n'),
        },
        {
          type: 'VIDEO',
          title: 'Drawing a sample by hand',
          url: 'https://media.lyceum.example/data-literacy/drawing-a-sample.mp4',
        },
        {
          type: 'DOCUMENT',
          title: 'Worksheet: forty commuters',
          url: 'https://media.lyceum.example/data-literacy/forty-commuters.pdf',
        },
      ],
    },
    {
      title: 'Centre and spread',
      items: [
        {
          type: 'PAGE',
          title: 'Mean, median and the salary of the director',
          body: [
            'Nine people earn 30 each, the tenth earns 330. The **mean** is 60, the **median** is 30: the mean was',
            'moved by one person, the median by nobody.',
            '',
            'Report the median where a few values are far out (incomes, prices, waiting times), and always say how',
            'wide the middle half is: the **interquartile range** is the third quartile less the first.',
          ].join('\n'),
        },
        {
          type: 'EXTERNAL',
          title: 'Interactive: pull the outlier',
          optional: true,
          url: 'https://activities.lyceum.example/pull-the-outlier',
        },
        {
          type: 'QUIZ',
          title: 'Check yourself: describing data',
          passingScore: 0.6,
          questions: [
            {
              kind: 'SINGLE_CHOICE',
              prompt:
                'House prices in a town have a few very high values. Which figure describes a typical price best?',
              points: 1,
              choices: [
                { text: 'The mean' },
                { text: 'The median', correct: true },
                { text: 'The maximum' },
                { text: 'The range' },
              ],
              feedback:
                'The median is the middle price: a few very high ones don’t move it, while they pull the mean up.',
            },
            {
              kind: 'MULTIPLE_RESPONSE',
              prompt: 'Which of these measure spread?',
              points: 2,
              choices: [
                { text: 'Interquartile range', correct: true },
                { text: 'Standard deviation', correct: true },
                { text: 'Median' },
                { text: 'Mode' },
              ],
              feedback:
                'Median and mode say where the middle is; the other two say how far values lie apart.',
            },
            {
              kind: 'TRUE_FALSE',
              prompt: 'A larger sample always removes the bias of a badly chosen one.',
              points: 1,
              correct: false,
              feedback: 'More of the same bias only makes a wrong answer look more certain.',
            },
            {
              kind: 'NUMERICAL',
              prompt: 'The waiting times were 4, 6, 7, 9 and 24 minutes. What is their mean, in minutes?',
              points: 1,
              value: 10,
              tolerance: 0.05,
              feedback: '(4 + 6 + 7 + 9 + 24) / 5 = 50 / 5 = 10 minutes; the median is 7.',
            },
            {
              kind: 'NUMERICAL',
              prompt: 'The first quartile is 12 and the third is 31. What is the interquartile range?',
              points: 1,
              value: 19,
              tolerance: 0,
              feedback: '31 − 12 = 19: the middle half of the values lies within a band 19 wide.',
            },
          ],
        },
      ],
    },
    {
      title: 'Charts that tell the truth',
      items: [
        {
          type: 'PAGE',
          title: 'Axes, areas and other ways to mislead',
          body: [
            'Bars are compared by length, so their axis starts at zero; a line may start elsewhere, if it says so.',
            '',
            'Doubling the width *and* the height of a picture makes it four times as large. Readers see the area.',
            '',
            'Two lines on two axes cross wherever the author wants. Ask for both on one scale, or for a scatter plot.',
          ].join('\n'),
        },
        {
          type: 'DOCUMENT',
          title: 'Gallery: ten charts and their repairs',
          url: 'https://media.lyceum.example/data-literacy/ten-charts.pdf',
        },
      ],
    },
  ],
};
